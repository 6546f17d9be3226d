/** Lets a suspended job of a running coordinator go on. */
import { isEnd } from '../follow-job.js';
import { endedText, type JobChange, writeChange } from '../render/job-change.js';
import { stateWord } from '../render/progress.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep resume`. */
export interface ResumeOptions extends ServerOptions {
  readonly json?: true | undefined;
}

/** Runs `lockstep resume`; a job that is not suspended stays as it is and is said so. @throws LockstepError JOB_NOT_FOUND */
export async function resume(jobId: string, options: ResumeOptions): Promise<void> {
  const change = await withClient(options, async (client) => ({
    before: await client.get(jobId),
    after: await client.resume(jobId),
  }));
  writeChange(change, sentence(change), options.json ?? false);
}

function sentence(change: JobChange): string {
  const { before, after } = change;
  if (isEnd(after.state)) return endedText(change);
  const now = `${stateWord(after.state)}: ${after.reason}`;
  if (before.state !== 'JOB_STATE_SUSPENDED') return `${after.id} was not suspended; it is ${now}`;
  return `${after.id} goes on; it is ${now}`;
}
