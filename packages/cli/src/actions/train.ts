/** Trains a job on this machine with processes of its own, and leaves nothing running. */
import { LockstepError } from '@lockstep/protocol/core';
import { startCluster } from '../local/cluster.js';
import type { JobOutcome } from '../outcome.js';
import { createProgress } from '../render/progress.js';
import type { SpecOptions } from '../spec-file.js';

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
  const progress = createProgress({ stream: process.stderr, quiet: options.quiet === true });
  const interruption = onInterrupt();
  const { nats, natsServer, port } = options;
  // Before the spec is read and the client is loaded: the coordinator takes longer to be ready than both.
  const cluster = startCluster({ nats, natsServer, port, note: progress.note });
  let outcome: { result: JobOutcome; metricsJson: string };
  try {
    const run = import('../run-job.js').then(({ runJob }) => runJob({ path, options, cluster, progress }));
    outcome = await Promise.race([run, interruption, cluster.failed]);
  } finally {
    progress.end();
    await cluster.stop();
  }
  await report(outcome.result, outcome.metricsJson, options);
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

async function report(result: JobOutcome, metricsJson: string, options: TrainOptions): Promise<void> {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { confusionOf, summaryText } = await import('../render/summary.js');
  process.stdout.write(summaryText(result, confusionOf(metricsJson)));
}
