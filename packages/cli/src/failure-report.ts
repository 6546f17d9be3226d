/** How the command tells why it ended: in words, and with `--json` as the last object. */
import { CommanderError } from '@commander-js/extra-typings';
import { LockstepError } from '@lockstep/protocol/core';
import { renderFailure } from './render/failure.js';

/** The job that this command has submitted or follows. */
let job: { readonly id: string; readonly afterInterruption?: string | undefined } | null = null;
let isReported = false;

/**
 * Names the job that a failure from now on belongs to.
 * @param afterInterruption what to do where the job goes on without this command
 */
export function noteJob(id: string, afterInterruption?: string): void {
  job = { id, afterInterruption };
}

/** The error of a command that was told to stop. */
export function interruptedBy(signal: NodeJS.Signals): LockstepError {
  const fix = job?.afterInterruption;
  return new LockstepError('INTERRUPTED', { message: `Interrupted by ${signal}.`, ...(fix ? { fix } : {}) });
}

/** Tells a failure, once. @returns the exit code */
export function reportFailure(thrown: unknown): number {
  // The end of --help and --version.
  if (thrown instanceof CommanderError) return 0;
  const error = errorOf(thrown);
  if (isReported) return error.entry.exit;
  isReported = true;
  if (process.env.LOCKSTEP_CHILD) process.stderr.write(`${JSON.stringify({ error })}\n`);
  else renderFailure(error, process.stderr);
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(failureJson(error))}\n`);
  return error.entry.exit;
}

function errorOf(thrown: unknown): LockstepError {
  if ((thrown as NodeJS.ErrnoException | undefined)?.syscall !== 'uv_cwd') return LockstepError.from(thrown);
  return new LockstepError('USAGE', {
    message: 'The working directory is not there any more.',
    field: 'working directory',
    fix: 'Change to a folder that exists, then run the command again.',
    cause: thrown,
  });
}

function failureJson(error: LockstepError): object {
  const state = error.entry.status === 'CANCELLED' ? 'cancelled' : 'failed';
  return { state, ...(job ? { job: job.id } : {}), error };
}
