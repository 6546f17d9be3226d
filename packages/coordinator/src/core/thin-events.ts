/** Which events of a job stay in memory when there are too many. */

/** What is looked at of an event. */
interface Told {
  /** Step that it was told at. */
  readonly step?: unknown;
  /** Set on progress. */
  readonly stepsCommitted?: unknown;
  /** Set on a step that took too long. */
  readonly stepStalled?: unknown;
}

/**
 * Drops events that steps tell, progress and stalls, until a quarter of the room is free again: of so many steps in a row,
 * the same number everywhere, the first one of each kind stays, so that early and late steps are as close together. The
 * newest event stays, and everything else unless it alone is too much, of which the newest stay.
 * @param events in order
 * @param max how many may stay
 */
export function thinEvents<Event extends Told>(events: readonly Event[], max: number): Event[] {
  const goal = (max * 3) / 4;
  const steps = events.map(({ step }) => Number(step ?? 0));
  const furthest = steps.reduce((most, step) => Math.max(most, step), 0);
  let kept = [...events];
  for (let stride = 2; kept.length > goal && stride <= 2 * furthest; stride *= 2)
    kept = oneOfEach(events, steps, stride);
  if (kept.length <= max) return kept;
  return kept.filter((event) => !kindOf(event)).slice(-max);
}

function oneOfEach<Event extends Told>(events: readonly Event[], steps: readonly number[], stride: number): Event[] {
  const last = { progress: -1, stall: -1 };
  return events.filter((event, index) => {
    const kind = kindOf(event);
    if (!kind) return true;
    const group = Math.floor((steps[index] ?? 0) / stride);
    const isFirst = group !== last[kind];
    last[kind] = group;
    return isFirst || index === events.length - 1;
  });
}

function kindOf({ stepsCommitted, stepStalled }: Told): 'progress' | 'stall' | null {
  if (stepsCommitted) return 'progress';
  return stepStalled ? 'stall' : null;
}
