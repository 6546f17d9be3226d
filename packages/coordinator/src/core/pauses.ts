/** Spans in which this process itself stood still: stopped, or on a machine that was. Pure. */

/** A span by the clock of this process. */
export interface Pause {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Milliseconds from one time to another, without the pauses in between. @param pauses one after the other */
export function awakeMs(fromMs: number, untilMs: number, pauses: readonly Pause[]): number {
  const lost = pauses.reduce((sum, pause) => {
    const overlap = Math.min(untilMs, pause.untilMs) - Math.max(fromMs, pause.fromMs);
    return sum + Math.max(0, overlap);
  }, 0);
  return untilMs - fromMs - lost;
}
