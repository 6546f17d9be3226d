/** Trains a job on this machine with processes of its own, and leaves nothing running. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import { firstSignal } from '../first-signal.js';
import { startCluster } from '../local/cluster.js';
import type { JobOutcome } from '../outcome.js';
import { createProgress } from '../render/progress.js';
import { shellWord } from '../render/shell-word.js';
import type { SpecOptions } from '../spec-file.js';
import { readSpecText } from '../spec-text.js';

/** Options of `lockstep train`. */
export interface TrainOptions extends SpecOptions {
  readonly out?: string | undefined;
  readonly resume?: true | undefined;
  readonly nats?: string | undefined;
  readonly natsServer?: string | undefined;
  readonly port?: string | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Runs `lockstep train`. @throws LockstepError of the spec, the machine or the job */
export async function train(path: string, options: TrainOptions): Promise<void> {
  // A path that is wrong is said before anything is started, or fetched.
  await readSpecText(path);
  const progress = createProgress({ stream: process.stderr, quiet: options.quiet === true });
  const interruption = firstSignal().then((signal): never => {
    throw new LockstepError('INTERRUPTED', { message: `Interrupted by ${signal}.` });
  });
  const { nats, natsServer, port } = options;
  // Before the spec is read and the client is loaded: the coordinator takes longer to be ready than both.
  const cluster = startCluster({ nats, natsServer, port, note: progress.note });
  let directory = '';
  const onDirectory = (chosen: string): void => {
    directory = chosen;
  };
  let outcome: { result: JobOutcome; metricsJson: string };
  try {
    const run = import('../run-job.js').then(({ runJob }) => runJob({ path, options, cluster, progress, onDirectory }));
    outcome = await Promise.race([run, interruption, cluster.failed]);
  } catch (thrown) {
    progress.end();
    await cluster.stop({ isOver: false });
    await tellHowToResume(directory);
    throw thrown;
  }
  progress.end();
  await cluster.stop({ isOver: true });
  await report(outcome.result, outcome.metricsJson, options);
}

/** A run that has checkpoints can be gone on with. */
async function tellHowToResume(directory: string): Promise<void> {
  const files = directory ? await readdir(join(directory, 'checkpoints')).catch(() => []) : [];
  if (!files.some((name) => name.endsWith('.ckpt'))) return;
  const given = process.argv.slice(2).filter((word) => word !== '--resume');
  const out = given.some((word) => word === '--out' || word.startsWith('--out='))
    ? []
    : ['--out', relative('', directory)];
  process.stderr.write(`go on with: lockstep ${[...given, ...out, '--resume'].map(shellWord).join(' ')}\n`);
}

async function report(result: JobOutcome, metricsJson: string, options: TrainOptions): Promise<void> {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { confusionOf, summaryText } = await import('../render/summary.js');
  process.stdout.write(summaryText(result, confusionOf(metricsJson)));
}
