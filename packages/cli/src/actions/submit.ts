/** Submits a job to a running coordinator and follows it. */
import { resolve } from 'node:path';
import { collectRun, followJob } from '../follow-job.js';
import { checkOutputDirectory, defaultOutputDirectory } from '../output-directory.js';
import { createProgress } from '../render/progress.js';
import { confusionOf, summaryText } from '../render/summary.js';
import { serverAddress } from '../server-address.js';
import { readSpecFile, type SpecOptions } from '../spec-file.js';
import { checkDataFile, submitSpec } from '../submit-spec.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep submit`. */
export interface SubmitOptions extends SpecOptions, ServerOptions {
  readonly out?: string | undefined;
  readonly requestId?: string | undefined;
  readonly wait: boolean;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Runs `lockstep submit`. */
export async function submit(path: string, options: SubmitOptions): Promise<void> {
  const address = serverAddress(options.server);
  const file = await readSpecFile(path, options);
  await checkDataFile(file);
  const directory = options.out ? resolve(options.out) : await defaultOutputDirectory(file.spec.name);
  if (options.wait) await checkOutputDirectory(directory);
  await withClient({ server: address }, async (client) => {
    const job = await submitSpec(client, file, options.requestId);
    if (!options.wait) {
      process.stdout.write(options.json ? `${JSON.stringify({ state: 'pending', job: job.id })}\n` : `${job.id}\n`);
      process.stderr.write(`next: lockstep watch ${job.id} --server ${address}\n`);
      return;
    }
    const progress = createProgress({ stream: process.stderr, quiet: options.quiet === true });
    progress.note(`job ${job.id}; follow it from elsewhere with: lockstep watch ${job.id} --server ${address}`);
    const ended = await followJob(client, job.id, progress);
    const outcome = await collectRun(client, ended, directory, file.dataPath);
    const confusion = confusionOf(ended.result?.metricsJson);
    process.stdout.write(options.json ? `${JSON.stringify(outcome)}\n` : summaryText(outcome, confusion));
  });
}
