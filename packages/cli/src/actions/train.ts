/** Trains a job on this machine with processes of its own, and leaves nothing running. */
import { relative } from 'node:path';
import { type ErrorCode, LockstepError } from '@lockstep/protocol/core';
import { interruptedBy } from '../failure-report.js';
import { firstSignal } from '../first-signal.js';
import { startCluster } from '../local/cluster.js';
import { type NatsAccessFlags, natsAccessOf } from '../nats-access.js';
import type { JobOutcome } from '../outcome.js';
import { createProgress } from '../render/progress.js';
import { shellWord } from '../render/shell-word.js';
import { hasCheckpoint } from '../run-folder.js';
import type { SpecOptions } from '../spec-file.js';
import { readSpecText } from '../spec-text.js';

/** Options of `lockstep train`. */
export interface TrainOptions extends SpecOptions, NatsAccessFlags {
  readonly out?: string | undefined;
  readonly resume?: true | undefined;
  readonly nats?: string | undefined;
  readonly natsServer?: string | undefined;
  readonly port?: string | undefined;
  readonly dashboard: boolean;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Runs `lockstep train`. @throws LockstepError of the spec, the machine or the job */
export async function train(path: string, options: TrainOptions): Promise<void> {
  // A path that is wrong is said before anything is started, or fetched.
  const text = await readSpecText(path);
  const progress = createProgress({ stream: process.stderr, quiet: options.quiet === true });
  const interruption = firstSignal().then((signal): never => {
    throw interruptedBy(signal);
  });
  const { nats, natsServer, port, dashboard } = options;
  // Before the spec is checked and the client is loaded: the coordinator takes longer to be ready than both.
  const cluster = startCluster({
    ...{ nats, natsServer, port, dashboard, note: progress.note },
    natsAccess: nats ? natsAccessOf(options) : undefined,
  });
  let directory = '';
  const onDirectory = (chosen: string): void => {
    directory = chosen;
  };
  let outcome: { result: JobOutcome; metricsJson: string };
  try {
    const job = { path, text, options, cluster, progress, onDirectory };
    const run = import('../run-job.js').then(({ runJob }) => runJob(job));
    outcome = await Promise.race([run, interruption, cluster.failed]);
  } catch (thrown) {
    progress.end();
    await cluster.stop({ isOver: false });
    const error = LockstepError.from(thrown);
    const resume = canGoOnAfter(error.code) ? resumeCommand(directory) : null;
    if (resume) process.stderr.write(`go on with: ${resume}\n`);
    // The same command without --resume would find its own run in the way.
    if (!resume || error.code !== 'INTERRUPTED') throw thrown;
    throw new LockstepError('INTERRUPTED', { message: error.message, fix: `Go on with: ${resume}` });
  }
  progress.end();
  await cluster.stop({ isOver: true });
  await report(outcome.result, outcome.metricsJson, options);
}

/** Ends that the same command can go on from: it would meet any other one again. */
const LOSSES: readonly ErrorCode[] = [
  'INTERRUPTED',
  'JOB_CANCELLED',
  'JOB_WORKERS_LOST',
  'UPDATE_INTERRUPTED',
  'SERVER_UNREACHABLE',
  'NATS_UNREACHABLE',
  'DISK_FULL',
  'OUTPUT_UNWRITABLE',
  'INTERNAL',
];

function canGoOnAfter(code: ErrorCode): boolean {
  return LOSSES.includes(code);
}

/** The command that goes on with a run that has checkpoints. */
function resumeCommand(directory: string): string | null {
  if (!directory || !hasCheckpoint(directory)) return null;
  const given = process.argv.slice(2).filter((word) => word !== '--resume');
  const out = given.some((word) => word === '--out' || word.startsWith('--out='))
    ? []
    : ['--out', relative('', directory)];
  return `lockstep ${[...given, ...out, '--resume'].map(shellWord).join(' ')}`;
}

async function report(result: JobOutcome, metricsJson: string, options: TrainOptions): Promise<void> {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { classReportOf, summaryText } = await import('../render/summary.js');
  process.stdout.write(summaryText(result, classReportOf(metricsJson)));
}
