/** Cancels a job of a running coordinator. */
import { isEnd } from '../follow-job.js';
import { endedText, type JobChange, writeChange } from '../render/job-change.js';
import { stateWord } from '../render/progress.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep cancel`. */
export interface CancelOptions extends ServerOptions {
  readonly reason?: string | undefined;
  readonly json?: true | undefined;
}

/** Runs `lockstep cancel`; a job that had ended already is left as it is and said so. @throws LockstepError JOB_NOT_FOUND */
export async function cancel(jobId: string, options: CancelOptions): Promise<void> {
  const change = await withClient(options, async (client) => ({
    before: await client.get(jobId),
    after: await client.cancel(jobId, options.reason ?? ''),
  }));
  writeChange(change, sentence(change), options.json ?? false);
}

function sentence(change: JobChange): string {
  const { before, after } = change;
  // It may have ended between the two calls.
  if (isEnd(before.state) || after.state !== 'JOB_STATE_CANCELLED') return endedText(change);
  return `${after.id} is cancelled; it was ${stateWord(before.state)}: ${before.reason}`;
}
