/** Watches the number of a job's ready workers: with too few left the job waits, says so, and fails after a while. */
import { LockstepError } from '@lockstep/protocol/core';
import type { JobMachineEvent } from './core/job-machine.js';
import { readyText } from './crew-size.js';
import { DESERTED_TIMEOUT_MS } from './limits.js';

/** The part of a job that this needs. */
export interface DesertableJob {
  advance(event: JobMachineEvent): void;
  readonly cancellation: AbortController;
}

/** Guards a job from when its workers were first ready to its end. */
export class Desertion {
  readonly #job: DesertableJob;
  readonly #wanted: number;
  readonly #least: number;
  readonly #others: () => string;
  #doing: Extract<JobMachineEvent, { type: 'running' | 'finishing' }> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #ready = Number.POSITIVE_INFINITY;
  #lastLoss = '';

  /**
   * @param wanted workers that the job wants
   * @param least workers without which it computes no step
   * @param others says which workers wait that compute other bits; '' where there are none
   */
  constructor(job: DesertableJob, wanted: number, least: number, others: () => string) {
    this.#job = job;
    this.#wanted = wanted;
    this.#least = least;
    this.#others = others;
  }

  /** The job does something that needs workers. Said again once it goes on after a wait. */
  doing(event: Extract<JobMachineEvent, { type: 'running' | 'finishing' }>): void {
    this.#doing = event;
    this.stop();
    this.#job.advance(event);
    this.#look();
  }

  /** The number of ready workers has changed. */
  changed(ready: number, why: string): void {
    if (ready < this.#ready) this.#lastLoss = why;
    this.#ready = ready;
    this.#look();
  }

  /** Ends the wait. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    if (!this.#doing) return;
    // Steps are over: one worker measures the model.
    const needed = this.#doing.type === 'finishing' ? 1 : this.#least;
    if (this.#ready >= needed) {
      if (this.#timer) this.#job.advance(this.#doing);
      this.stop();
      return;
    }
    const seconds = DESERTED_TIMEOUT_MS / 1000;
    const what = (): string =>
      `${readyText(this.#ready, this.#wanted, needed)}; the last was lost: ${this.#lastLoss}${this.#others()}`;
    this.#job.advance({ type: 'waiting', why: `${what()}. Waits ${seconds} s for ${needed > 1 ? 'more' : 'one'}` });
    this.#timer ??= setTimeout(() => {
      const message = `${what()}. ${needed > 1 ? 'Not enough' : 'None'} came within ${seconds} s.`;
      const value = String(this.#ready);
      this.#job.cancellation.abort(new LockstepError('JOB_WORKERS_LOST', { message, field: 'workers', value }));
    }, DESERTED_TIMEOUT_MS);
  }
}
