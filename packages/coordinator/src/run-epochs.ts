/** The epochs of a job from any step on: steps, the end of an epoch, checkpoints. */
import { stepsPerEpoch } from '@lockstep/protocol/core';
import type { Checkpoint, JobWork } from './checkpoint/checkpoint.js';
import type { Checkpointer } from './checkpoint/checkpointer.js';
import type { EpochRow } from './core/history.js';
import { learningRateAt } from './core/schedules/table.js';
import { evaluate, meanOfChunks } from './evaluate.js';
import type { Job } from './job.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { Clock } from './ports.js';
import { ProgressReporter } from './progress.js';
import type { RecoveryMeter } from './recovery-meter.js';
import { runStep, type StepPorts } from './run-step.js';

/** What epochs need. */
export interface EpochPorts {
  readonly job: Job;
  readonly clock: Clock;
  readonly metrics: CoordinatorMetrics;
  readonly steps: StepPorts;
  readonly recovery: RecoveryMeter;
  readonly checkpointer: Checkpointer;
  readonly trainRows: number;
  readonly validationRows: number;
  readonly batchSize: number;
  /** What is computed, for checkpoints; asked once workers have shown what they are. */
  readonly work: () => JobWork;
}

/** Where a job is between two steps. */
export interface EpochState {
  /** Committed steps. */
  step: number;
  /** Finished epochs. */
  readonly history: EpochRow[];
  sums: { denominator: number; loss: number; metric: number };
  secondsInEpoch: number;
  /** Unix seconds of the first step committed here; 0 before it. */
  firstStepUnixSeconds: number;
}

/** The state to begin with, or to go on from. */
export function epochState(resumed: Checkpoint | null): EpochState {
  return {
    step: resumed?.step ?? 0,
    history: [...(resumed?.history ?? [])],
    sums: { ...(resumed?.sums ?? NO_SUMS) },
    secondsInEpoch: resumed?.secondsInEpoch ?? 0,
    firstStepUnixSeconds: 0,
  };
}

const NO_SUMS = { denominator: 0, loss: 0, metric: 0 } as const;

/** Runs what is left of all epochs; `state` is always that of the last committed step. */
export async function runEpochs(state: EpochState, ports: EpochPorts): Promise<void> {
  const { job, clock, checkpointer } = ports;
  const { epochs } = job.submission.spec.train;
  const perEpoch = stepsPerEpoch(ports.trainRows, ports.batchSize);
  const totalSteps = perEpoch * epochs;
  const { leadershipEpoch } = ports.steps;
  const reporter = new ProgressReporter(job, clock, { perEpoch, totalSteps, epochs, leadershipEpoch });
  while (state.history.length < epochs) {
    const started = clock.nowMs();
    const stepInEpoch = state.step - state.history.length * perEpoch;
    if (stepInEpoch < perEpoch) await oneStep(state, ports, { stepInEpoch, totalSteps, reporter });
    else await endEpoch(state, ports, totalSteps);
    state.secondsInEpoch = stepInEpoch < perEpoch ? state.secondsInEpoch + (clock.nowMs() - started) / 1000 : 0;
    if (stepInEpoch === perEpoch || checkpointer.isDue) await checkpointer.begin(capture(state, ports));
  }
}

/** The state as a checkpoint, with copies of all that the next step changes. */
export function capture(state: EpochState, { steps, work }: EpochPorts): Checkpoint {
  const { vectors, numbers } = steps.rule.optimizer.state();
  return {
    work: work(),
    step: state.step,
    leadershipEpoch: steps.leadershipEpoch,
    parameters: steps.versions.current.slice(),
    optimizer: {
      vectors: Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [name, vector.slice()])),
      numbers,
    },
    history: [...state.history],
    sums: { ...state.sums },
    secondsInEpoch: state.secondsInEpoch,
  };
}

async function oneStep(
  state: EpochState,
  ports: EpochPorts,
  place: { readonly stepInEpoch: number; readonly totalSteps: number; readonly reporter: ProgressReporter },
): Promise<void> {
  const { metrics, steps, batchSize, trainRows } = ports;
  const { stepInEpoch, totalSteps, reporter } = place;
  const { step } = state;
  const rows = Math.min(batchSize, trainRows - stepInEpoch * batchSize);
  const learningRate = rateOf(ports, step, totalSteps);
  const done = await runStep({ step, epoch: state.history.length, stepInEpoch, rows, learningRate }, steps);
  state.step++;
  state.firstStepUnixSeconds ||= ports.clock.unixSeconds();
  state.sums.denominator += done.denominator;
  state.sums.loss += done.loss;
  state.sums.metric += done.metric;
  ports.recovery.committed();
  metrics.stepCommitted(done.rows, done.loss / done.denominator);
  reporter.step(step, done.rows, done.loss / done.denominator, steps.crew.ready.length);
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
  history.push({ epoch, seconds, learningRate, metrics });
  state.sums = { ...NO_SUMS };
  job.emit({ epochEnded: { epoch, trainLoss: metrics.loss, seconds, learningRate, metrics } });
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
  const { loss, metric } = meanOfChunks(await evaluate({ id: epoch, source, rowCount }, ports.steps));
  ports.metrics.evalMetric('validation_loss', loss);
  return { validation_loss: loss, [`validation_${metricName(ports.job)}`]: metric };
}
