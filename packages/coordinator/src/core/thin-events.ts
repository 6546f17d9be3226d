/** Which events of a job stay in memory when there are too many. */

/** What is looked at of an event. */
interface Told {
  /** Step that it was told at. */
  readonly step?: unknown;
  /** Set on progress. */
  readonly stepsCommitted?: unknown;
}

/**
 * Drops progress events until a quarter of the room is free again: of so many steps in a row, the same number everywhere,
 * the first one stays, so that early and late steps are as close together. The newest event stays, and everything else
 * unless it alone is too much, of which the newest stay.
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
  return kept.filter(({ stepsCommitted }) => !stepsCommitted).slice(-max);
}

function oneOfEach<Event extends Told>(events: readonly Event[], steps: readonly number[], stride: number): Event[] {
  let last = -1;
  return events.filter(({ stepsCommitted }, index) => {
    if (!stepsCommitted) return true;
    const group = Math.floor((steps[index] ?? 0) / stride);
    const isFirst = group !== last;
    last = group;
    return isFirst || index === events.length - 1;
  });
}
