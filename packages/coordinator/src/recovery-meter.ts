/** Measures how long steps take to recover from lost workers, and the share of time that was not spent on that. */
import type { CoordinatorMetrics } from './metrics.js';
import type { Clock } from './ports.js';

/** Recovery times of one job, from its first step on. */
export class RecoveryMeter {
  readonly #clock: Clock;
  readonly #metrics: CoordinatorMetrics;
  readonly #startedMs: number;
  #lostMs: number | null = null;
  #recoveryMs = 0;

  constructor(clock: Clock, metrics: CoordinatorMetrics) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#startedMs = clock.nowMs();
  }

  /** Lanes of the current step were lost. */
  lost(): void {
    this.#lostMs ??= this.#clock.nowMs();
  }

  /** The current step was committed. */
  committed(): void {
    const now = this.#clock.nowMs();
    if (this.#lostMs !== null) {
      this.#metrics.recovered((now - this.#lostMs) / 1000);
      this.#recoveryMs += now - this.#lostMs;
      this.#lostMs = null;
    }
    const elapsedMs = now - this.#startedMs;
    if (elapsedMs > 0) this.#metrics.goodput(1 - this.#recoveryMs / elapsedMs);
  }
}
