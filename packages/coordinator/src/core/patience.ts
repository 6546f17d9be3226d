/** How long a worker may take for what usually takes some time: one rule for lanes and for evaluation chunks. Pure. */

/** Limits as multiples of the usual time. */
export interface Patience {
  readonly stragglerFactor: number;
  readonly leastStragglerMs: number;
  /** Where nothing is known yet. */
  readonly firstStragglerMs: number;
  readonly stallFactor: number;
  readonly leastStallMs: number;
  /** Where nothing is known yet. */
  readonly firstStallMs: number;
  readonly hangFactor: number;
  readonly leastHangMs: number;
  readonly mostHangMs: number;
}

/** Milliseconds after which an idle worker gets the work as well. @param usualMs null where nothing is known yet */
export function stragglerAfterMs(usualMs: number | null, patience: Patience): number {
  if (usualMs === null) return patience.firstStragglerMs;
  return Math.max(patience.stragglerFactor * usualMs, patience.leastStragglerMs);
}

/** Milliseconds after which a step stands still: people are told what it waits for. @param usualMs null where nothing is known yet */
export function stallAfterMs(usualMs: number | null, patience: Patience): number {
  if (usualMs === null) return patience.firstStallMs;
  return Math.min(hangAfterMs(usualMs, patience), Math.max(patience.stallFactor * usualMs, patience.leastStallMs));
}

/** Milliseconds after which a worker hangs. @param usualMs null where nothing is known yet */
export function hangAfterMs(usualMs: number | null, { hangFactor, leastHangMs, mostHangMs }: Patience): number {
  return usualMs === null ? mostHangMs : Math.min(mostHangMs, Math.max(hangFactor * usualMs, leastHangMs));
}

/** The middle value, the upper one of two; null without values. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
