/** Files longer than the limit, with their length. An entry may only shrink. */
export const FILE_LINES_EXCEPTIONS: Readonly<Record<string, number>> = {};
