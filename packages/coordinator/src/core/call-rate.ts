/** How many calls a caller may make: a bucket of each that fills steadily. */

/** Bounds of it. */
export interface RateBounds {
  /** Calls a second, in the long run. */
  readonly perSecond: number;
  /** Calls at once after a pause. */
  readonly burst: number;
  /** Callers that are counted; the one longest without a call is forgotten first, which does it no harm. */
  readonly maxCallers: number;
}

/** Counts calls of callers. */
export class CallRate {
  readonly #bounds: RateBounds;
  readonly #buckets = new Map<string, { calls: number; atMs: number }>();

  constructor(bounds: RateBounds) {
    this.#bounds = bounds;
  }

  /** Whether a caller may make a call now; if so, it is counted. */
  admits(caller: string, nowMs: number): boolean {
    const { perSecond, burst, maxCallers } = this.#bounds;
    const { calls, atMs } = this.#buckets.get(caller) ?? { calls: burst, atMs: nowMs };
    const left = Math.min(burst, calls + (Math.max(0, nowMs - atMs) / 1000) * perSecond);
    this.#buckets.delete(caller);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size < maxCallers) break;
      this.#buckets.delete(oldest);
    }
    this.#buckets.set(caller, { calls: left >= 1 ? left - 1 : left, atMs: nowMs });
    return left >= 1;
  }
}
