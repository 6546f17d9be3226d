/** Wires a job's workers and steps to its events and metrics. */
import type { ModelPlan } from '@lockstep/model';
import type { JobPlan } from '@lockstep/protocol';
import type { WorkerKey } from './core/lane-state.js';
import { createOptimizer } from './core/optimizers/table.js';
import type { ResidualBook } from './core/residual-book.js';
import type { StepTimes } from './core/step-times.js';
import type { StepTrace } from './core/step-trace.js';
import { type UpdateRule, updateRule } from './core/update.js';
import { Crew } from './crew.js';
import { crewSize } from './crew-size.js';
import { Desertion } from './desertion.js';
import { GradientBuffers } from './gather.js';
import type { Job } from './job.js';
import { gradientsOf } from './job-gradients.js';
import type { JobLink } from './job-link.js';
import type { JobNumerics } from './job-numerics.js';
import type { LanePace } from './lane-pace.js';
import { NEWS_PER_CODE_MS } from './limits.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { Clock, WorkerShare } from './ports.js';
import type { RecoveryMeter } from './recovery-meter.js';
import type { StepPorts } from './run-step.js';
import { StepWatch } from './step-watch.js';
import { hearFrame } from './trace.js';
import type { Updater } from './updater.js';

/** What crews and steps need of the world. */
export interface CrewPorts {
  readonly clock: Clock;
  readonly pool: WorkerShare;
  readonly metrics: CoordinatorMetrics;
  readonly leadershipEpoch: number;
}

/** The workers of a job, and the watch over its steps. */
export function createCrew(
  job: Job,
  ports: CrewPorts,
  parts: {
    readonly plan: JobPlan;
    readonly pace: LanePace;
    readonly numerics: JobNumerics;
    readonly link: JobLink;
    readonly trace: StepTrace | null;
    readonly times: StepTimes;
    readonly residuals: ResidualBook | null;
  },
): { crew: Crew; desertion: Desertion; watch: StepWatch } {
  const { plan, pace, numerics, link, trace, times, residuals } = parts;
  const { spec } = job.submission;
  const { note, ...size } = crewSize(spec.run, spec.train.lanes);
  if (note) job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'SPARE_WORKERS', message: note } });
  const desertion = new Desertion(job, size.wanted, size.least, () => crew.others);
  const crew: Crew = new Crew({
    ...{ pool: ports.pool, plan, ...size, numericClass: numerics.numericClass },
    ...{ device: spec.run.device, engine: spec.train.engine },
    ...(spec.run.rebaseNumerics ? { onRebase: (from, to) => numerics.rebase(from, to) } : {}),
    // One that goes on has waited for all before: those that are there begin, the rest come in between two steps.
    gangTimeoutMs: numerics.numericClass === '' ? undefined : 0,
    admit: (worker, { host }) => `${link.admit(worker, host)} link`,
    onJoined: (event) => residuals?.joined(event),
    onMessage: (worker, message) => {
      pace.heard(worker, message);
      watch.heard(worker, message);
      if (trace) hearFrame(trace, worker, message, ports.clock.nowMs());
    },
    onChange: (change, worker, reason, ready) => {
      if (change === 'lost') {
        pace.lost(worker);
        link.lost(worker);
      }
      job.emit({ workerChanged: { workerId: worker.workerId, change, reason } });
      ports.metrics.readyWorkers(job.id, ready);
      desertion.changed(ready, `${worker.workerId}, ${reason}`);
    },
  });
  const watch: StepWatch = new StepWatch({
    ...{ jobId: job.id, clock: ports.clock, times, crew },
    onStall: (stepStalled, isFirst) => {
      if (isFirst) ports.metrics.stepStalled();
      job.emit({ stepStalled });
    },
  });
  return { crew, desertion, watch };
}

/** How the updates of a job are computed, with the optimizer's memory. */
export function createRule(job: Job, { layout, regularizers }: ModelPlan): UpdateRule {
  const { clip, optimizer, gradients } = job.submission.spec.train;
  return updateRule({
    ...{ layout, regularizers, clip },
    optimizer: createOptimizer(optimizer, layout.elementCount),
    format: gradientsOf(gradients, layout.elementCount).format,
  });
}

/** What the steps of a job need. */
export function createStepPorts(
  job: Job,
  ports: CrewPorts,
  parts: {
    readonly plan: ModelPlan;
    readonly crew: Crew;
    readonly watch: StepWatch;
    readonly versions: ParameterVersions;
    readonly link: JobLink;
    readonly recovery: RecoveryMeter;
    readonly pace: LanePace;
    readonly trace: StepTrace | null;
    readonly rule: UpdateRule;
    readonly updater: Updater;
    readonly residuals: ResidualBook | null;
  },
): StepPorts {
  const { plan, crew, watch, versions, link, recovery, pace, trace, rule, updater, residuals } = parts;
  const { train } = job.submission.spec;
  const { elementCount } = plan.layout;
  const warn = warnings(job, ports.clock);
  const differs = (what: string, { workerId }: WorkerKey): void =>
    warn('LANES_DIFFER', `${what}: ${workerId} computes other bits than another worker of its numeric class`);
  return {
    jobId: job.id,
    leadershipEpoch: ports.leadershipEpoch,
    laneCount: train.lanes,
    ...{ crew, watch, versions, link, pace, rule, updater, residuals },
    codec: gradientsOf(train.gradients, elementCount).codec,
    buffers: new GradientBuffers(
      elementCount,
      (worker, slot) => link.gradient(worker, slot),
      () => versions.next(),
    ),
    clock: ports.clock,
    signal: job.cancellation.signal,
    onPhase: (phase, seconds) => {
      ports.metrics.stepPhase(phase, seconds);
      watch.phase(phase, seconds);
      trace?.phase(phase, seconds, ports.clock.nowMs());
    },
    onDecision: (reason, retriedLanes, isLoss) => {
      ports.metrics.laneRetries(retriedLanes);
      if (isLoss) recovery.lost();
      if (retriedLanes > 0) warn('LANES_MOVED', reason);
    },
    onDifference: (worker, { first, end }, step) => differs(`lanes ${first}-${end - 1} of step ${step}`, worker),
    onChunkDifference: (worker, chunk) => differs(`evaluation chunk ${chunk}`, worker),
  };
}

/** Warnings of a job; those of one kind that come fast are counted and told with the next. */
function warnings(job: Job, clock: Clock): (code: string, message: string) => void {
  const told = new Map<string, { atMs: number; silent: number }>();
  return (code, message) => {
    const last = told.get(code);
    const now = clock.nowMs();
    if (last && now - last.atMs < NEWS_PER_CODE_MS) {
      last.silent++;
      return;
    }
    const more = last && last.silent > 0 ? ` (and ${last.silent} more like it)` : '';
    told.set(code, { atMs: now, silent: 0 });
    job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code, message: `${message}${more}` } });
  };
}
