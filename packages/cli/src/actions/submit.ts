/** Submits a job to a running coordinator and follows it. */
import { LockstepError } from '@lockstep/protocol/core';
import { bringHome, collectTrace, followJob } from '../follow-job.js';
import { createProgress } from '../render/progress.js';
import { classReportOf, summaryText } from '../render/summary.js';
import { claimRunFolder } from '../run-folder.js';
import { serverAddress } from '../server-address.js';
import { readSpecFile, type SpecOptions } from '../spec-file.js';
import { dataFilesOf, submitSpec } from '../submit-spec.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep submit`. */
export interface SubmitOptions extends SpecOptions, ServerOptions {
  readonly out?: string | undefined;
  readonly requestId?: string | undefined;
  readonly namespace?: string | undefined;
  readonly wait: boolean;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Runs `lockstep submit`. */
export async function submit(path: string, options: SubmitOptions): Promise<void> {
  if (!options.wait && options.out) {
    throw new LockstepError('USAGE', {
      message: '--out is for the finished run, which --no-wait does not wait for.',
      field: '--out',
      value: options.out,
      fix: 'Leave out one of the two; `lockstep watch JOB --out DIR` fetches the run later.',
    });
  }
  const address = serverAddress(options.server);
  const file = await readSpecFile(path, options);
  await dataFilesOf(file);
  const folder = options.wait ? await claimRunFolder({ out: options.out, name: file.spec.name }) : null;
  const watching = (job: string): string => `lockstep watch ${job} --server ${address}`;
  await withClient({ ...options, server: address }, async (client) => {
    const job = await submitSpec(client, file, {
      requestId: options.requestId,
      namespace: options.namespace,
      afterInterruption: (id) => `The job goes on without this command. Follow it: ${watching(id)}`,
    });
    if (!folder) {
      process.stdout.write(options.json ? `${JSON.stringify({ state: 'pending', job: job.id })}\n` : `${job.id}\n`);
      process.stderr.write(`next: ${watching(job.id)}\n`);
      return;
    }
    const progress = createProgress({ stream: process.stderr, quiet: options.quiet === true });
    progress.note(`job ${job.id}; follow it from elsewhere with: ${watching(job.id)}`);
    const ended = await followJob(client, job.id, progress);
    await collectTrace(client, ended, options.trace);
    const outcome = await bringHome(client, ended, folder, { note: progress.note, dataPath: file.dataPath });
    const classes = classReportOf(ended.result?.metricsJson);
    process.stdout.write(options.json ? `${JSON.stringify(outcome)}\n` : summaryText(outcome, classes));
  });
}
