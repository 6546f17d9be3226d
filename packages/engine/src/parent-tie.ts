/** Ties a process to its parent where native code may hold its main thread for ever. */
import { Worker } from 'node:worker_threads';

/** Code of a thread that kills its process once standard input closes. */
const WATCHER = `
const end = () => process.kill(process.pid, 'SIGKILL');
try {
  new (require('node:net').Socket)({ fd: 0 }).on('end', end).on('error', end).resume();
} catch {
  // A terminal or a file: somebody runs this by hand.
}
`;

/** {@link tieToParent} as a statement of a script that has only Node's modules. */
export const TIE_TO_PARENT = `new (require('node:worker_threads').Worker)(${JSON.stringify(WATCHER)}, { eval: true }).unref();`;

/** Kills this process as soon as its parent is gone, whatever it computes. Its standard input is a pipe of the parent. */
export function tieToParent(): void {
  new Worker(WATCHER, { eval: true }).unref();
}
