/** Cancels a job of a running coordinator. */
import type { Job__Output } from '@lockstep/client';
import { isEnd } from '../follow-job.js';
import { stateWord } from '../render/progress.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep cancel`. */
export interface CancelOptions extends ServerOptions {
  readonly reason?: string | undefined;
  readonly json?: true | undefined;
}

/** Runs `lockstep cancel`; a job that had ended already is left as it is and said so. @throws LockstepError JOB_NOT_FOUND */
export async function cancel(jobId: string, options: CancelOptions): Promise<void> {
  const { before, after } = await withClient(options, async (client) => ({
    before: await client.get(jobId),
    after: await client.cancel(jobId, options.reason ?? ''),
  }));
  const { id: job, reason } = after;
  const answer = { job, state: stateWord(after.state), reason, before: stateWord(before.state) };
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : `${sentence(before, after)}\n`);
}

function sentence(before: Job__Output, after: Job__Output): string {
  // It may have ended between the two calls.
  const hadEnded = isEnd(before.state) || after.state !== 'JOB_STATE_CANCELLED';
  if (!hadEnded) return `${after.id} is cancelled; it was ${stateWord(before.state)}: ${before.reason}`;
  return `${after.id} had ended already: ${stateWord(after.state)}, ${after.reason}`;
}
