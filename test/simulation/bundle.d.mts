/** Bundles the simulator, with files of the folder `patched` in place of the repository's. @returns path of the program */
export function bundleSimulator(name: string, patched?: string | null): Promise<string>;
