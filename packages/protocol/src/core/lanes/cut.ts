/** Cuts a global batch into lanes. Lanes follow the job, never the number of workers. */

/** Rows [start, end) of a global batch. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Rows of lane i of L: floor(i n / L) .. floor((i + 1) n / L). Empty when n < L leaves none. */
export function cutLane(lane: number, laneCount: number, rowCount: number): RowRange {
  return { start: Math.floor((lane * rowCount) / laneCount), end: Math.floor(((lane + 1) * rowCount) / laneCount) };
}

/** Whether a lane has no rows in a batch of this size and is skipped. */
export function isEmptyLane(lane: number, laneCount: number, rowCount: number): boolean {
  const { start, end } = cutLane(lane, laneCount, rowCount);
  return start === end;
}
