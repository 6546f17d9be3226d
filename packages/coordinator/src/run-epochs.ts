/** The epochs of a job from any step on: steps, the end of an epoch, checkpoints. */
import { inTurns } from '@lockstep/protocol';
import { copyInPieces, LockstepError, stepsPerEpoch } from '@lockstep/protocol/core';
import { BadSteps } from './bad-steps.js';
import type { EpochSums, JobWork } from './checkpoint/checkpoint.js';
import type { Checkpointer } from './checkpoint/checkpointer.js';
import { afterEpoch, stoppedText } from './core/early-stopping.js';
import type { EpochRow } from './core/history.js';
import { learningRateAt } from './core/schedules/table.js';
import { capture, type EpochState, NO_SUMS } from './epoch-state.js';
import { evaluate, meanOfChunks } from './evaluate.js';
import type { Job } from './job.js';
import type { JobNumerics } from './job-numerics.js';
import type { CoordinatorMetrics } from './metrics.js';
import { OwnerLost } from './owner-lost.js';
import type { Clock } from './ports.js';
import { ProgressReporter } from './progress.js';
import type { RecoveryMeter } from './recovery-meter.js';
import { rewind } from './rewind.js';
import { runStep, type StepPorts } from './run-step.js';
import type { TensorBoardLog } from './tensorboard-log.js';

/** What epochs need. */
export interface EpochPorts {
  readonly job: Job;
  readonly clock: Clock;
  readonly metrics: CoordinatorMetrics;
  readonly steps: StepPorts;
  readonly recovery: RecoveryMeter;
  readonly checkpointer: Checkpointer;
  readonly numerics: JobNumerics;
  readonly board: TensorBoardLog | null;
  readonly trainRows: number;
  readonly validationRows: number;
  readonly batchSize: number;
  /** What is computed, for checkpoints; asked once workers have shown what they are. */
  readonly work: () => JobWork;
}

/** Runs what is left of all epochs; `state` is always that of the last committed step. */
export async function runEpochs(state: EpochState, ports: EpochPorts): Promise<void> {
  const { job, clock, checkpointer } = ports;
  const { epochs, onNonFinite } = job.submission.spec.train;
  const perEpoch = stepsPerEpoch(ports.trainRows, ports.batchSize);
  const totalSteps = perEpoch * epochs;
  const { leadershipEpoch } = ports.steps;
  const reporter = new ProgressReporter(job, clock, { perEpoch, totalSteps, epochs, leadershipEpoch });
  const badSteps = new BadSteps(ports, reporter);
  const mayRewind = onNonFinite === 'rewind' || ports.steps.residuals !== null;
  if (state.step === 0 && mayRewind) await save(state, ports);
  ports.board?.started();
  while (state.history.length < epochs && state.stopping.stoppedEpoch === 0) {
    await ports.steps.crew.enough(ports.steps.signal);
    const started = clock.nowMs();
    const stepInEpoch = state.step - state.history.length * perEpoch;
    // What lanes have not sent is told between two steps only.
    const endsStep = ports.steps.residuals ? job.inStep() : null;
    try {
      if (stepInEpoch < perEpoch) await oneStep(state, ports, { stepInEpoch, totalSteps, reporter, badSteps });
      else await endEpoch(state, ports, totalSteps);
      state.secondsInEpoch = stepInEpoch < perEpoch ? state.secondsInEpoch + (clock.nowMs() - started) / 1000 : 0;
      const isLast = endsStep !== null && job.interruption !== null;
      if (stepInEpoch === perEpoch || checkpointer.isDue || isLast) await save(state, ports);
    } catch (thrown) {
      if (!(thrown instanceof OwnerLost)) throw thrown;
      await handLanesOver(thrown, state, ports, reporter);
    } finally {
      ports.steps.watch.ended();
      endsStep?.();
    }
    if (endsStep && job.interruption) throw job.interruption;
  }
  reporter.ended();
}

async function save(state: EpochState, ports: EpochPorts): Promise<void> {
  // Two checkpoints in memory at once would be all residuals twice.
  await ports.checkpointer.settled();
  await ports.checkpointer.begin(await capture(state, ports));
}

/** Goes back to where the residuals of all lanes are known. */
async function handLanesOver(
  { message: why }: OwnerLost,
  state: EpochState,
  ports: EpochPorts,
  reporter: ProgressReporter,
): Promise<void> {
  const what = `What its lanes had not sent is gone: ${why}.`;
  if (await rewind(what, state, ports, reporter)) return;
  throw new LockstepError('JOB_WORKERS_LOST', {
    message: `A lane's residual is lost and no checkpoint could be written to go back to. ${what}`,
    field: 'train.gradients',
  });
}

async function oneStep(
  state: EpochState,
  ports: EpochPorts,
  place: {
    readonly stepInEpoch: number;
    readonly totalSteps: number;
    readonly reporter: ProgressReporter;
    readonly badSteps: BadSteps;
  },
): Promise<void> {
  const { metrics, steps, batchSize, trainRows, board } = ports;
  const { stepInEpoch, totalSteps, reporter } = place;
  const { step } = state;
  const rows = Math.min(batchSize, trainRows - stepInEpoch * batchSize);
  const learningRate = rateOf(ports, step, totalSteps);
  const at = { step, epoch: state.history.length, stepInEpoch, rows, learningRate };
  steps.watch.began(step);
  const { sums: done, error } = await runStep(at, steps);
  if (error) await place.badSteps.take(error, at, state);
  ports.recovery.committed();
  if (!done) return;
  state.step++;
  state.skipped = { ...state.skipped, inARow: 0 };
  state.firstStepUnixSeconds ||= ports.clock.unixSeconds();
  state.sums = addSums(state.sums, done);
  const loss = done.loss / done.denominator;
  metrics.stepCommitted(done.rows, loss);
  reporter.step(step, done.rows, loss, steps.crew.ready.length);
  board?.step(state.step, done.rows, { loss, learningRate });
}

function addSums(left: EpochSums, right: EpochSums): EpochSums {
  return {
    denominator: left.denominator + right.denominator,
    loss: left.loss + right.loss,
    metric: left.metric + right.metric,
  };
}

async function endEpoch(state: EpochState, ports: EpochPorts, totalSteps: number): Promise<void> {
  const { job, clock } = ports;
  const { sums, history } = state;
  const started = clock.nowMs();
  const epoch = history.length + 1;
  const metrics = { loss: sums.loss / sums.denominator, [metricName(job)]: sums.metric / sums.denominator };
  Object.assign(metrics, await validate(ports, epoch));
  const seconds = state.secondsInEpoch + (clock.nowMs() - started) / 1000;
  const learningRate = rateOf(ports, state.step - 1, totalSteps);
  const row = { epoch, seconds, learningRate, metrics };
  history.push(row);
  state.sums = NO_SUMS;
  job.emit({ epochEnded: { epoch, trainLoss: metrics.loss, seconds, learningRate, metrics } });
  await watch(row, state, ports);
  await ports.board?.epochEnded(state.step, row, ports.steps.versions.current);
}

/** Early stopping. */
async function watch(row: EpochRow, state: EpochState, { job, steps }: EpochPorts): Promise<void> {
  const { earlyStopping, epochs } = job.submission.spec.train;
  if (!earlyStopping) return;
  state.stopping = afterEpoch(earlyStopping, state.stopping, row);
  const isBest = state.stopping.bestEpoch === row.epoch;
  if (isBest && earlyStopping.restoreBestWeights) {
    state.bestParameters = await inTurns(copyInPieces(steps.versions.current));
  }
  if (state.stopping.stoppedEpoch === 0) return;
  const message = stoppedText(earlyStopping, state.stopping, epochs);
  job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'STOPPED_EARLY', message } });
}

/** Ends with the parameters of the best epoch, where early stopping keeps them. */
export async function restoreBest(state: EpochState, { job, steps }: EpochPorts): Promise<void> {
  if (!state.bestParameters) return;
  await steps.versions.replace(state.bestParameters);
  const message = `the parameters of epoch ${state.stopping.bestEpoch} are restored`;
  job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'BEST_RESTORED', message } });
}

function rateOf({ job }: EpochPorts, step: number, totalSteps: number): number {
  const { schedule, optimizer } = job.submission.spec.train;
  return learningRateAt(schedule, optimizer.learningRate, step, totalSteps);
}

function metricName(job: Job): string {
  return job.submission.spec.task === 'regression' ? 'mae' : 'accuracy';
}

async function validate(ports: EpochPorts, epoch: number): Promise<Record<string, number>> {
  const rowCount = ports.validationRows;
  if (rowCount === 0) return {};
  const source = 'EVALUATION_SOURCE_VALIDATION' as const;
  const work = () => evaluate({ id: epoch, source, rowCount }, ports.steps);
  const { loss, metric } = meanOfChunks(await ports.job.timed('evaluation', { 'lockstep.epoch': epoch }, work));
  ports.metrics.evalMetric('validation_loss', loss);
  return { validation_loss: loss, [`validation_${metricName(ports.job)}`]: metric };
}
