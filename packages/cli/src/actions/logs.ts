/** Prints the events of a job as lines. */
import type { JobEvent__Output, LockstepClient } from '@lockstep/client';
import { isEnd } from '../follow-job.js';
import { forgottenText, timeText } from '../job-json.js';
import { createProgress } from '../render/progress.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep logs`. */
export interface LogsOptions extends ServerOptions {
  readonly follow?: true | undefined;
  readonly json?: true | undefined;
}

/** Digits that a step is padded to. */
const STEP_DIGITS = 6;

/** Runs `lockstep logs`; with --follow, exit code 1 when the job did not succeed. @throws LockstepError JOB_NOT_FOUND */
export async function logs(jobId: string, options: LogsOptions): Promise<void> {
  await withClient(options, async (client) => {
    const print = options.json ? printJson : linePrinter();
    const state = await printAll(client, jobId, options.follow === true, print);
    if (options.follow && state !== 'JOB_STATE_SUCCEEDED') process.exitCode = 1;
  });
}

/** @returns the last state that was seen */
async function printAll(
  client: LockstepClient,
  jobId: string,
  isFollowing: boolean,
  print: (event: JobEvent__Output) => void,
): Promise<string> {
  const job = await client.get(jobId);
  let state = '';
  let isFirst = true;
  for await (const event of isFollowing ? client.watch(jobId) : client.history(jobId)) {
    const forgotten = isFirst ? forgottenText(job, event.unixSeconds) : null;
    if (forgotten) process.stderr.write(`${forgotten}\n`);
    isFirst = false;
    print(event);
    state = event.stateChanged?.state ?? state;
    if (isEnd(state)) break;
  }
  return state;
}

function printJson(event: JobEvent__Output): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Lines in the words of the progress of `train`, each with its time and step. */
function linePrinter(): (event: JobEvent__Output) => void {
  let prefix = '';
  const write = (text: string): void => void process.stdout.write(`${prefix}  ${text}`);
  const progress = createProgress({ stream: { write }, quiet: false });
  return (event) => {
    prefix = `${timeText(event.unixSeconds)}  step ${String(event.step).padStart(STEP_DIGITS)}`;
    progress.event(event);
  };
}
