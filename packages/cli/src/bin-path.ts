/** Where the command's own file is, for the processes it starts of itself. */
import { fileURLToPath } from 'node:url';

/** The file that npm links as `lockstep`; from sources and bundle alike it is one folder up. */
export const BIN_PATH = fileURLToPath(new URL('../bin/lockstep.js', import.meta.url));
