/** Shows all that a coordinator knows of a job. */
import { type JobDescription, jobDescription } from '../job-description.js';
import { descriptionText } from '../render/description.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep describe`. */
export interface DescribeOptions extends ServerOptions {
  readonly json?: true | undefined;
}

/** Runs `lockstep describe`. @throws LockstepError JOB_NOT_FOUND */
export async function describe(jobId: string, options: DescribeOptions): Promise<void> {
  const description = await withClient(options, (client) => jobDescription(client, jobId));
  process.stdout.write(options.json ? `${jsonLine(description)}\n` : descriptionText(description));
}

function jsonLine({ forgotten: _said, ...description }: JobDescription): string {
  return JSON.stringify(description);
}
