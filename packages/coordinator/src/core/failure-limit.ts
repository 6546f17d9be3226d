/** Who has shown wrong tokens too often is not listened to for a while. */

/** Bounds of it. */
export interface FailureBounds {
  /** Failures of one peer in a window, after which it waits for the next. */
  readonly max: number;
  readonly windowMs: number;
  /** Peers that are remembered; all are forgotten when there are more. */
  readonly maxPeers: number;
}

/** Counts failures in fixed windows of time. */
export class FailureLimit {
  readonly #bounds: FailureBounds;
  readonly #counts = new Map<string, number>();
  #window = 0;

  constructor(bounds: FailureBounds) {
    this.#bounds = bounds;
  }

  /** Whether a peer has to wait. */
  isExceeded(peer: string, nowMs: number): boolean {
    this.#turn(nowMs);
    return (this.#counts.get(peer) ?? 0) >= this.#bounds.max;
  }

  /** A peer has failed. */
  failed(peer: string, nowMs: number): void {
    this.#turn(nowMs);
    if (this.#counts.size >= this.#bounds.maxPeers && !this.#counts.has(peer)) this.#counts.clear();
    this.#counts.set(peer, (this.#counts.get(peer) ?? 0) + 1);
  }

  #turn(nowMs: number): void {
    const window = Math.floor(nowMs / this.#bounds.windowMs);
    if (window === this.#window) return;
    this.#window = window;
    this.#counts.clear();
  }
}
