/** Tells followers of a job how far it is, a few times a second. */
import type { Job } from './job.js';
import { PROGRESS_EVENTS_PER_SECOND } from './limits.js';
import type { Clock } from './ports.js';

/** Size of the job. */
export interface ProgressPlan {
  readonly perEpoch: number;
  readonly totalSteps: number;
  readonly epochs: number;
  readonly leadershipEpoch: number;
}

/** Share of the newest speed in the one shown. */
const SMOOTHING = 0.2;

/** Progress of one job. */
export class ProgressReporter {
  readonly #job: Job;
  readonly #clock: Clock;
  readonly #plan: ProgressPlan;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #rowsSince = 0;
  #stepsSince = 0;
  #rowsPerSecond = 0;
  #stepsPerSecond = 0;
  #sinceMs: number;
  #last: { readonly step: number; readonly loss: number; readonly workers: number } | null = null;

  constructor(job: Job, clock: Clock, plan: ProgressPlan) {
    this.#job = job;
    this.#clock = clock;
    this.#plan = plan;
    this.#sinceMs = clock.nowMs();
  }

  /** A step was committed. @param loss null where the step was skipped */
  step(step: number, rows: number, loss: number | null, workers: number): void {
    this.#rowsSince += rows;
    this.#stepsSince++;
    this.#job.finishedSteps = step + 1;
    this.#last = { step, loss: loss ?? this.#last?.loss ?? Number.NaN, workers };
    const isLast = step + 1 === this.#plan.totalSteps;
    const now = this.#clock.nowMs();
    if (isLast || now - this.#reportedMs >= 1000 / PROGRESS_EVENTS_PER_SECOND) this.#report(now);
  }

  /** No more steps come. */
  ended(): void {
    if (this.#last && this.#job.progress?.step !== this.#last.step + 1) this.#report(this.#clock.nowMs());
  }

  /** Steps after a number of steps count no more. */
  rewound(step: number): void {
    this.#job.finishedSteps = step;
    if (!this.#job.progress) return;
    this.#last = null;
    this.#job.progress = { ...this.#job.progress, step, epoch: Math.floor(step / this.#plan.perEpoch) + 1 };
  }

  #report(now: number): void {
    if (!this.#last) return;
    const { perEpoch, totalSteps, epochs, leadershipEpoch } = this.#plan;
    const { step, loss, workers } = this.#last;
    this.#measure(now);
    this.#reportedMs = now;
    this.#job.progress = {
      leadershipEpoch,
      step: step + 1,
      totalSteps,
      epoch: Math.floor(step / perEpoch) + 1,
      totalEpochs: epochs,
      trainLoss: loss,
      samplesPerSecond: this.#rowsPerSecond,
      remainingSeconds: this.#stepsPerSecond > 0 ? (totalSteps - step - 1) / this.#stepsPerSecond : 0,
      workers,
    };
    this.#job.emit({ stepsCommitted: { progress: this.#job.progress } });
  }

  #measure(now: number): void {
    const seconds = (now - this.#sinceMs) / 1000;
    if (seconds <= 0) return;
    const share = this.#rowsPerSecond === 0 ? 1 : SMOOTHING;
    this.#rowsPerSecond += share * (this.#rowsSince / seconds - this.#rowsPerSecond);
    this.#stepsPerSecond += share * (this.#stepsSince / seconds - this.#stepsPerSecond);
    this.#sinceMs = now;
    this.#rowsSince = 0;
    this.#stepsSince = 0;
  }
}
