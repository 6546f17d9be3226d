/** Wires a job's workers and steps to its events and metrics. */
import type { ModelPlan } from '@lockstep/model';
import type { JobPlan } from '@lockstep/protocol';
import { createOptimizer } from './core/optimizers/table.js';
import { Crew, crewSize } from './crew.js';
import { Desertion } from './desertion.js';
import { GradientBuffers } from './gather.js';
import type { Job } from './job.js';
import type { LanePace } from './lane-pace.js';
import { NEWS_PER_CODE_MS } from './limits.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { Clock, WorkerPool } from './ports.js';
import type { RecoveryMeter } from './recovery-meter.js';
import type { StepPorts } from './run-step.js';

/** What crews and steps need of the world. */
export interface CrewPorts {
  readonly clock: Clock;
  readonly pool: WorkerPool;
  readonly metrics: CoordinatorMetrics;
  readonly leadershipEpoch: number;
}

/** The workers of a job. */
export function createCrew(
  job: Job,
  ports: CrewPorts,
  { plan, pace, numericClass }: { readonly plan: JobPlan; readonly pace: LanePace; readonly numericClass: string },
): { crew: Crew; desertion: Desertion } {
  const { spec } = job.submission;
  const { size, note } = crewSize(spec.run.workers, spec.train.lanes);
  if (note) job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'SPARE_WORKERS', message: note } });
  const desertion = new Desertion(job, size);
  const crew = new Crew({
    ...{ pool: ports.pool, plan, size, numericClass, device: spec.run.device },
    queueTimeoutMs: spec.run.queueTimeout === undefined ? undefined : spec.run.queueTimeout * 1000,
    onMessage: (worker, message) => pace.heard(worker, message),
    onChange: (change, worker, reason, ready) => {
      if (change === 'lost') pace.lost(worker);
      job.emit({ workerChanged: { workerId: worker.workerId, change, reason } });
      ports.metrics.workers('ready', ready);
      desertion.changed(ready, `${worker.workerId}, ${reason}`);
    },
  });
  return { crew, desertion };
}

/** What the steps of a job need. */
export function createStepPorts(
  job: Job,
  ports: CrewPorts,
  parts: {
    readonly plan: ModelPlan;
    readonly crew: Crew;
    readonly versions: ParameterVersions;
    readonly recovery: RecoveryMeter;
    readonly pace: LanePace;
  },
): StepPorts {
  const { plan, crew, versions, recovery, pace } = parts;
  const { train } = job.submission.spec;
  const { elementCount } = plan.layout;
  const warn = warnings(job, ports.clock);
  return {
    jobId: job.id,
    leadershipEpoch: ports.leadershipEpoch,
    laneCount: train.lanes,
    ...{ crew, versions, pace },
    rule: {
      layout: plan.layout,
      regularizers: plan.regularizers,
      clip: train.clip,
      optimizer: createOptimizer(train.optimizer, elementCount),
    },
    buffers: new GradientBuffers(elementCount),
    clock: ports.clock,
    signal: job.cancellation.signal,
    onPhase: (phase, seconds) => ports.metrics.stepPhase(phase, seconds),
    onDecision: (reason, retriedLanes, isLoss) => {
      ports.metrics.laneRetries(retriedLanes);
      if (isLoss) recovery.lost();
      if (retriedLanes > 0) warn('LANES_MOVED', reason);
    },
    onDifference: ({ workerId }, { first, end }, step) => {
      const lanes = `lanes ${first}-${end - 1} of step ${step}`;
      warn('LANES_DIFFER', `${lanes}: ${workerId} computes other bits than another worker of its numeric class`);
    },
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
