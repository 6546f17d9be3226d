/** Deletes a job of a running coordinator. */
import { stateWord } from '../render/progress.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep delete`. */
export interface DeleteOptions extends ServerOptions {
  readonly json?: true | undefined;
}

/** Runs `lockstep delete`. @throws LockstepError JOB_NOT_FOUND, JOB_NOT_ENDED */
export async function deleteJob(jobId: string, options: DeleteOptions): Promise<void> {
  const { id, state, reason } = await withClient(options, (client) => client.delete(jobId));
  const was = { job: id, state: stateWord(state), reason };
  process.stdout.write(
    options.json ? `${JSON.stringify(was)}\n` : `${id} is deleted; it had ${was.state}: ${reason}\n`,
  );
}
