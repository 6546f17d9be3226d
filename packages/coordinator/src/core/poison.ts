/**
 * Lanes that end the workers that compute them. Each loss of a worker is held against the lanes that it owed in this
 * step; a lane with two strikes is given to one worker at a time that has nothing else to do, so that the third strike
 * names the lane and no other. Pure.
 */
import { isSame, type LaneState, type WorkerKey } from './lane-state.js';

/** Workers that a lane may fail on or end before the job fails: a poison batch must not take them all. */
export const MAX_LANE_FAILURES = 3;

/** How often a lane failed on a worker or was lost with one. */
export function strikes({ failures, losses }: LaneState, lane: number): number {
  return (failures[lane]?.length ?? 0) + (losses[lane]?.length ?? 0);
}

/** Whether a lane goes to one worker at a time, alone. */
export function isSuspect(state: LaneState, lane: number): boolean {
  return strikes(state, lane) >= MAX_LANE_FAILURES - 1;
}

/** Holds a worker's loss against the lanes that it owed. @returns the state, and the lane that has reached the limit */
export function blame(state: LaneState, worker: WorkerKey): { state: LaneState; poison: number | undefined } {
  const owed = state.assignments
    .filter((assignment) => isSame(assignment.worker, worker))
    .flatMap(({ lanes, returned }) => lanes.filter((lane) => !returned.includes(lane) && !state.done.includes(lane)));
  const losses = { ...state.losses };
  for (const lane of owed) losses[lane] = [...(losses[lane] ?? []), worker.workerId];
  const after = { ...state, losses };
  return { state: after, poison: owed.find((lane) => strikes(after, lane) >= MAX_LANE_FAILURES) };
}
