/** Lanes in words. */
import { cutLane } from '@lockstep/protocol/core';

/** A lane with its rows, counted from 0 within the global batch. */
export function laneText(lane: number, laneCount: number, rows: number): string {
  const { start, end } = cutLane(lane, laneCount, rows);
  const own = end === start ? 'no row' : end - start === 1 ? `row ${start}` : `rows ${start} to ${end - 1}`;
  return `lane ${lane} (${own} of the ${rows} of its global batch)`;
}
