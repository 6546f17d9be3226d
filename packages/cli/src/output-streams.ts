/** What happens when nobody reads what a command says, or it cannot be written. */
import { writeError } from '@lockstep/protocol/core';
import { renderFailure } from './render/failure.js';

/** Codes of a stream whose reader has left: a pipe that was closed, a terminal that is gone. */
const READER_LEFT: ReadonlySet<string> = new Set(['EPIPE', 'EIO']);

let isOutputTheWork = true;

/** Says that this command is there for what it does: it goes on when nobody reads its standard output any more. */
export function workWithoutReader(): void {
  isOutputTheWork = false;
}

/** Ends a command in order when its standard output cannot be written; standard error is beside the work. */
export function guardOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_LEFT.has(error.code ?? '')) {
      const failure = writeError('Standard output', error, { field: 'stdout', fix: 'Send the output elsewhere.' });
      renderFailure(failure, process.stderr);
      process.exit(failure.entry.exit);
    }
    // A reader such as `head` may leave early; that is no error, and hides none.
    if (isOutputTheWork) process.exit();
  });
}
