/** Trains a job on this machine with processes of its own, and leaves nothing running. */
import { resolve } from 'node:path';
import { type Job__Output, LockstepClient } from '@lockstep/client';
import { LockstepError } from '@lockstep/protocol/core';
import { collectRun, followJob } from '../follow-job.js';
import { type LocalCluster, startCluster } from '../local/cluster.js';
import type { JobOutcome } from '../outcome.js';
import { checkOutputDirectory, defaultOutputDirectory } from '../output-directory.js';
import { createProgress, type Progress } from '../render/progress.js';
import { type ConfusionMatrix, summaryText } from '../render/summary.js';
import { readSpecFile, type SpecFile, type SpecOptions } from '../spec-file.js';
import { submitSpec } from '../submit-spec.js';

/** Options of `lockstep train`. */
export interface TrainOptions extends SpecOptions {
  readonly out?: string | undefined;
  readonly nats?: string | undefined;
  readonly natsServer?: string | undefined;
  readonly port?: string | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Runs `lockstep train`. @throws LockstepError of the spec, the machine or the job */
export async function train(path: string, options: TrainOptions): Promise<void> {
  const file = await readSpecFile(path, options);
  const directory = options.out ? resolve(options.out) : await defaultOutputDirectory(file.spec.name);
  await checkOutputDirectory(directory);
  const progress = createProgress({ stream: process.stderr, quiet: options.quiet === true });
  const interruption = onInterrupt();
  const cluster = startCluster({
    workers: file.spec.run.workers,
    device: file.spec.run.device,
    nats: options.nats,
    natsServer: options.natsServer,
    port: options.port,
    note: progress.note,
  });
  let outcome: { result: JobOutcome; job: Job__Output };
  try {
    outcome = await Promise.race([runJob(file, cluster, directory, progress), interruption, cluster.failed]);
  } finally {
    progress.end();
    await cluster.stop();
  }
  report(outcome.result, outcome.job, options);
}

async function runJob(
  file: SpecFile,
  cluster: LocalCluster,
  directory: string,
  progress: Progress,
): Promise<{ result: JobOutcome; job: Job__Output }> {
  const { address, metricsAddress } = await cluster.ready;
  progress.note(`coordinator ${address}  metrics http://${metricsAddress}/metrics  run ${directory}`);
  const client = await LockstepClient.connect({ address });
  try {
    const job = await submitSpec(client, file);
    const ended = await followJob(client, job.id, progress);
    return { result: await collectRun(client, ended, directory), job: ended };
  } finally {
    client.close();
  }
}

function onInterrupt(): Promise<never> {
  return new Promise((_resolve, reject) => {
    let count = 0;
    const handle = (signal: NodeJS.Signals): void => {
      if (++count > 1) process.exit(130);
      process.stderr.write(`\n${signal}: stopping everything (again to stop at once)\n`);
      reject(new LockstepError('INTERRUPTED', { message: `Interrupted by ${signal}.` }));
    };
    process.on('SIGINT', handle);
    process.on('SIGTERM', handle);
  });
}

function report(result: JobOutcome, job: Job__Output, options: TrainOptions): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const metrics = JSON.parse(job.result?.metricsJson ?? '{}') as { confusionMatrix?: ConfusionMatrix };
  process.stdout.write(summaryText(result, metrics.confusionMatrix ?? null));
}
