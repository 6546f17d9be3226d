/** Watches the number of a job's ready workers: with none left the job waits, says so, and fails after a while. */
import { LockstepError } from '@lockstep/protocol/core';
import type { JobMachineEvent } from './core/job-machine.js';
import { DESERTED_TIMEOUT_MS } from './limits.js';

/** The part of a job that this needs. */
export interface DesertableJob {
  advance(event: JobMachineEvent): void;
  readonly cancellation: AbortController;
}

/** Guards a job from when its workers were first ready to its end. */
export class Desertion {
  readonly #job: DesertableJob;
  readonly #size: number;
  #doing: Extract<JobMachineEvent, { type: 'running' | 'finishing' }> | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param size workers that the job wants */
  constructor(job: DesertableJob, size: number) {
    this.#job = job;
    this.#size = size;
  }

  /** The job does something that needs workers. Said again once it goes on after a wait. */
  doing(event: Extract<JobMachineEvent, { type: 'running' | 'finishing' }>): void {
    this.#doing = event;
    this.#job.advance(event);
  }

  /** The number of ready workers has changed. */
  changed(ready: number, why: string): void {
    if (!this.#doing) return;
    if (ready > 0) {
      if (this.#timer) this.#job.advance(this.#doing);
      this.stop();
      return;
    }
    if (this.#timer) return;
    const seconds = DESERTED_TIMEOUT_MS / 1000;
    const what = `0 of ${this.#size} workers are ready; the last was lost: ${why}`;
    this.#job.advance({ type: 'waiting', why: `${what}. Waits ${seconds} s for one` });
    this.#timer = setTimeout(() => {
      const message = `${what}. None came within ${seconds} s.`;
      this.#job.cancellation.abort(new LockstepError('JOB_WORKERS_LOST', { message, field: 'workers', value: '0' }));
    }, DESERTED_TIMEOUT_MS);
  }

  /** Ends the wait. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
