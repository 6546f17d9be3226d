/** Suspends a job of a running coordinator. */
import type { Job__Output, LockstepClient } from '@lockstep/client';
import { isEnd } from '../follow-job.js';
import { endedText, type JobChange, writeChange } from '../render/job-change.js';
import { stateWord } from '../render/progress.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep suspend`. */
export interface SuspendOptions extends ServerOptions {
  readonly reason?: string | undefined;
  readonly json?: true | undefined;
}

/** Runs `lockstep suspend`, until the job has let go of its workers. @throws LockstepError JOB_NOT_FOUND */
export async function suspend(jobId: string, options: SuspendOptions): Promise<void> {
  const change = await withClient(options, async (client) => {
    const before = await client.get(jobId);
    return { before, after: await rested(client, await client.suspend(jobId, options.reason ?? '')) };
  });
  writeChange(change, sentence(change), options.json ?? false);
}

/** A job that was told to suspend, once it is, or has ended. */
async function rested(client: LockstepClient, job: Job__Output): Promise<Job__Output> {
  if (isAtRest(job.state)) return job;
  for await (const { stateChanged } of client.watch(job.id)) {
    if (!stateChanged || !isAtRest(stateChanged.state)) continue;
    const now = await client.get(job.id);
    if (isAtRest(now.state)) return now;
  }
  return client.get(job.id);
}

function isAtRest(state: string): boolean {
  return state === 'JOB_STATE_SUSPENDED' || isEnd(state);
}

function sentence(change: JobChange): string {
  const { before, after } = change;
  if (isEnd(after.state)) return endedText(change);
  const was = before.state === after.state ? 'it was before' : `it was ${stateWord(before.state)}`;
  return `${after.id} is suspended; ${was}: ${before.reason}. Let it go on with: lockstep resume ${after.id}`;
}
