/** What a job does while faults strike it: its steps, from its events, and what was noticed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job__Output, JobEvent__Output, LockstepClient } from '@lockstep/client';
import { isEnd } from '../follow-job.js';
import type { Progress } from '../render/progress.js';
import type { StepSample } from './standstill.js';

const POLL_MS = 20;

/** Follows one job. */
export class JobObserver {
  readonly samples: StepSample[] = [];
  readonly events: JobEvent__Output[] = [];
  /** Steps that were computed again after a rewind. */
  stepsLost = 0;
  totalSteps = 0;
  /** Settles with the job once it has ended. */
  readonly ended: Promise<Job__Output>;
  isOver = false;
  #newest = 0;

  constructor(client: LockstepClient, jobId: string, progress: Progress) {
    this.ended = this.#follow(client, jobId, progress).finally(() => {
      this.isOver = true;
    });
    this.ended.catch(() => {});
  }

  /** Steps that were committed at most. */
  get step(): number {
    return Math.max(0, ...this.samples.slice(-1).map(({ step }) => step));
  }

  /** Waits until something is so, the job is over, or the time is up. @returns whether it is so */
  async until(isSo: () => boolean, timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!isSo()) {
      if (this.isOver || performance.now() > deadline) return false;
      await sleep(POLL_MS);
    }
    return true;
  }

  async #follow(client: LockstepClient, jobId: string, progress: Progress): Promise<Job__Output> {
    for await (const event of client.watch(jobId)) {
      progress.event(event);
      this.#take(event);
      if (event.stateChanged && isEnd(event.stateChanged.state)) break;
    }
    return client.get(jobId);
  }

  #take(event: JobEvent__Output): void {
    this.events.push(event);
    if (event.rewound) {
      this.stepsLost += Math.max(0, this.#newest - event.rewound.toStep);
      this.#newest = Math.min(this.#newest, event.rewound.toStep);
    }
    const step = event.stepsCommitted?.progress?.step;
    if (step === undefined) return;
    this.totalSteps = event.stepsCommitted?.progress?.totalSteps ?? 0;
    this.#newest = step;
    this.samples.push({ atMs: performance.now(), step });
  }
}
