/** How long a job stood still: from samples of its committed steps. */

/** Committed steps at a moment, over all lives of the coordinator. */
export interface StepSample {
  readonly atMs: number;
  readonly step: number;
}

/**
 * Seconds between a fault and the first step that had not been committed before it, or the longest time without a step
 * until then or after, whichever is longer.
 */
export function standstillSeconds(samples: readonly StepSample[], fromMs: number): number {
  const before = samples.filter(({ atMs }) => atMs <= fromMs);
  let newest = Math.max(0, ...before.map(({ step }) => step));
  let sinceMs = fromMs;
  let longest = 0;
  for (const { atMs, step } of samples) {
    if (atMs <= fromMs || step <= newest) continue;
    longest = Math.max(longest, atMs - sinceMs);
    newest = step;
    sinceMs = atMs;
  }
  return longest / 1000;
}
