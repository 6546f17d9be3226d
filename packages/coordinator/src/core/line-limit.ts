/** Which lines about refused calls are told, and how many were not: a flood of them must not fill a disk. */

/** Bounds of it. */
export interface LineBounds {
  /** Lines of one caller in a window. */
  readonly maxPerCaller: number;
  /** Lines of all callers in a window. */
  readonly max: number;
  readonly windowMs: number;
  /** Callers that lines are counted of by name. */
  readonly maxCallers: number;
}

/** Lines that were not told in a window that is over. */
export interface Untold {
  /** Null stands for all callers beyond those that are counted by name. */
  readonly caller: string | null;
  readonly count: number;
}

/** Counts lines in windows of time. */
export class LineLimit {
  readonly #bounds: LineBounds;
  readonly #counts = new Map<string | null, { told: number; untold: number }>();
  #told = 0;
  #beganMs = 0;

  constructor(bounds: LineBounds) {
    this.#bounds = bounds;
  }

  /** Whether a line is told; one that is not is counted. */
  tells(caller: string, nowMs: number): boolean {
    if (this.#counts.size === 0) this.#beganMs = nowMs;
    const { max, maxPerCaller, maxCallers } = this.#bounds;
    const key = this.#counts.has(caller) || this.#counts.size < maxCallers ? caller : null;
    const count = this.#counts.get(key) ?? { told: 0, untold: 0 };
    this.#counts.set(key, count);
    if (key === null || count.told >= maxPerCaller || this.#told >= max) {
      count.untold++;
      return false;
    }
    count.told++;
    this.#told++;
    return true;
  }

  /** What was not told in a window that is over, once; nothing while it lasts. @param isLast ends the window now */
  end(nowMs: number, isLast = false): readonly Untold[] {
    if (!isLast && nowMs - this.#beganMs < this.#bounds.windowMs) return [];
    const untold = [...this.#counts].flatMap(([caller, { untold: count }]) => (count > 0 ? [{ caller, count }] : []));
    this.#counts.clear();
    this.#told = 0;
    this.#beganMs = nowMs;
    return untold;
  }
}
