/** Curves that stay short however long a job runs. */

/** One value of a curve. */
export interface Point {
  /** Committed steps when it was measured: what a rewind compares with. */
  readonly step: number;
  /** Where it is drawn: a step or an epoch. */
  readonly x: number;
  /** Null where the value was no number: the line has a gap. */
  readonly y: number | null;
}

/** Points by `x`, ascending. */
export type Curve = readonly Point[];

/** Points that a curve has at most. */
export const MAX_POINTS = 2000;

/** Neighbours of which two are kept when a curve becomes too long. */
const GROUP = 4;

/** The curve with more points behind it; one that came before or again takes the place of those from there on. */
export function appended(curve: Curve, points: readonly Point[]): Curve {
  if (points.length === 0) return curve;
  let grown = [...curve];
  for (const point of points) {
    const last = grown.at(-1);
    if (last && point.x <= last.x) grown = grown.filter(({ x }) => x < point.x);
    grown.push(point);
    if (grown.length > MAX_POINTS) grown = thinned(grown);
  }
  return grown;
}

/** The curve without what was measured after a step. */
export function rewound(curve: Curve, toStep: number): Curve {
  return curve.filter(({ step }) => step <= toStep);
}

/** Half of the points: of each four neighbours the lowest and the highest, so that no peak is lost; a gap stays one. */
function thinned(curve: Curve): Point[] {
  const kept: Point[] = [];
  for (let start = 0; start < curve.length; start += GROUP) {
    const group = curve.slice(start, start + GROUP);
    const gap = group.find(({ y }) => y === null);
    const values = group.filter((point): point is Point & { y: number } => point.y !== null);
    values.sort((left, right) => left.y - right.y);
    const [lowest, highest] = [values[0], values.at(-1)];
    const chosen = new Set([gap ?? lowest, highest]);
    kept.push(...group.filter((point) => chosen.has(point)));
  }
  return kept;
}

/** A value as a point has it. */
export function drawable(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
