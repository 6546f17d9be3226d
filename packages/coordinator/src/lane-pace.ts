/** How long lanes of a job take, and who is behind: what the next step needs to know of the steps before. */
import type { TrainRequest__Output } from '@lockstep/protocol';
import { isSame, type LanePatience, lifeOf, type OwingWorker, type WorkerKey } from './core/lane-state.js';
import { hangAfterMs, medianOf, stallAfterMs, stragglerAfterMs } from './core/patience.js';
import { ABSENT_MS, PATIENCE, QUIET_MS } from './limits.js';

/** Steps that the median is taken over. */
const WINDOW = 15;
/** Steps before a median means anything. */
const LEAST = 3;

/** Pace of one job. */
export class LanePace {
  /** Milliseconds per chunk of the latest evaluation; null before the first. */
  chunkMs: number | null = null;
  #owing: readonly OwingWorker[] = [];
  #recentMs: number[] = [];
  readonly #seasoned = new Set<string>();

  /** Workers that are not done with an earlier step. */
  get owing(): readonly OwingWorker[] {
    return this.#owing;
  }

  /** What is allowed in the next step. @param fetchesResiduals workers read those of their lanes before they compute */
  patience(workers: readonly WorkerKey[], fetchesResiduals = false): LanePatience {
    const fresh = workers.filter((worker) => !this.#seasoned.has(lifeOf(worker)));
    const usualMs = fetchesResiduals || this.#recentMs.length < LEAST ? null : medianOf(this.#recentMs);
    const stragglerMs = usualMs === null ? null : stragglerAfterMs(usualMs, PATIENCE);
    const stallMs = stallAfterMs(usualMs, PATIENCE);
    return {
      ...{ stragglerMs, stallMs, freshStallMs: Math.max(stallMs, PATIENCE.firstStallMs) },
      ...{ hangMs: hangAfterMs(usualMs, PATIENCE), quietMs: QUIET_MS, absentMs: ABSENT_MS, fresh },
    };
  }

  /** A step has all of its lanes. */
  finished(tookMs: number, owing: readonly OwingWorker[]): void {
    this.#recentMs = [...this.#recentMs, tookMs].slice(-WINDOW);
    this.#owing = owing;
  }

  /** A worker has said something, at whatever time. */
  heard(worker: WorkerKey, { gradient, laneFailed }: TrainRequest__Output): void {
    const step = gradient?.sums ? gradient.step : laneFailed?.step;
    if (step === undefined) return;
    this.#seasoned.add(lifeOf(worker));
    this.#owing = this.#owing.filter((owing) => !isSame(owing.worker, worker) || owing.step > step);
  }

  /** A worker is gone. */
  lost(worker: WorkerKey): void {
    this.#seasoned.delete(lifeOf(worker));
    this.#owing = this.#owing.filter((owing) => !isSame(owing.worker, worker));
  }
}
