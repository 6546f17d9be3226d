/** Waits of a crew: for its workers before the start, and for enough of them between two steps. */
import type { LockstepError } from '@lockstep/protocol/core';
import type { CrewSize } from './crew-size.js';
import { GANG_TIMEOUT_MS, MAX_REFUSALS } from './limits.js';

/** What is waited for. */
export interface WaitOptions extends CrewSize {
  /** Milliseconds that it waits for all wanted workers where there are enough. @default GANG_TIMEOUT_MS */
  readonly gangTimeoutMs?: number | undefined;
}

/** What a crew has while it waits. */
export interface CrewLook {
  readonly ready: number;
  /** Whether all that can come are there: the rest works for other jobs. */
  readonly isAll: boolean;
  /** What is missing, in numbers. */
  readonly shortage: string;
}

/** Waits until a crew has what it needs. */
export class CrewWait {
  readonly #options: WaitOptions;
  readonly #look: () => CrewLook;
  /** What workers refused the plan with. */
  readonly #refusals: LockstepError[] = [];
  #wake: () => void = () => {};

  constructor(options: WaitOptions, look: () => CrewLook) {
    this.#options = options;
    this.#look = look;
  }

  /** Something has changed: looks again. */
  wake(): void {
    this.#wake();
  }

  /** A worker cannot take the plan. */
  refused(error: LockstepError): void {
    this.#refusals.push(error);
  }

  /** See `Crew.gather`. */
  async gather(waiting: (why: string) => void, signal: AbortSignal): Promise<void> {
    const { wanted, least, gangTimeoutMs = GANG_TIMEOUT_MS } = this.#options;
    const started = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const { ready, isAll, shortage } = this.#look();
      if (ready >= wanted) return;
      const leftMs = gangTimeoutMs - (performance.now() - started);
      if (ready >= least && (leftMs <= 0 || isAll)) return;
      const refusal = this.#refusals.at(-1);
      if (ready === 0 && refusal && this.#refusals.length >= Math.min(wanted, MAX_REFUSALS)) throw refusal;
      waiting(shortage);
      await this.#change(signal, leftMs > 0 ? leftMs : GANG_TIMEOUT_MS);
    }
  }

  /** See `Crew.enough`. */
  async enough(signal: AbortSignal): Promise<void> {
    while (this.#look().ready < this.#options.least) {
      signal.throwIfAborted();
      await this.#change(signal, GANG_TIMEOUT_MS);
    }
  }

  #change(signal: AbortSignal, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
