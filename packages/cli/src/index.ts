/** The command line has no public library surface. */
export {};
