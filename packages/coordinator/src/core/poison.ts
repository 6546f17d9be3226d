/**
 * Lanes that end the workers that compute them. Each loss of a worker is held against the lanes that it owed in this
 * step; a lane with two strikes is given to one worker at a time that has nothing else to do, so that the third strike
 * names the lane and no other. A worker that vanished may be alive: its strike is taken back when its process joins
 * again, once per lane, and until that is known a lane with three strikes is given to nobody. Pure.
 */
import { isSame, type LaneEvent, type LaneState, type Loss } from './lane-state.js';

/** Workers that a lane may fail on or end before the job fails: a poison batch must not take them all. */
export const MAX_LANE_FAILURES = 3;

type Lost = Extract<LaneEvent, { type: 'lost' }>;
type Joined = Extract<LaneEvent, { type: 'joined' }>;

/** Workers that were lost with a lane, but for those that are known to be alive. */
export function lostWith({ losses }: LaneState, lane: number): readonly Loss[] {
  return losses[lane]?.filter(({ strike }) => strike !== 'taken back') ?? [];
}

/** How often a lane failed on a worker or was lost with one. */
export function strikes(state: LaneState, lane: number): number {
  return (state.failures[lane]?.length ?? 0) + lostWith(state, lane).length;
}

/** Whether a lane goes to one worker at a time, alone. */
export function isSuspect(state: LaneState, lane: number): boolean {
  return strikes(state, lane) >= MAX_LANE_FAILURES - 1;
}

/** Whether a lane goes to nobody: it waits for the verdict, or for a strike to be taken back. */
export function isWithheld(state: LaneState, lane: number): boolean {
  return strikes(state, lane) >= MAX_LANE_FAILURES;
}

/** Holds a worker's loss against the lanes that it owed, but for those that it can hardly have received. */
export function blame(state: LaneState, event: Lost, nowMs: number): LaneState {
  const { worker, processNonce, spokeMs, why, ending } = event;
  if (ending === 'left') return state;
  const owed = state.assignments
    .filter((assignment) => isSame(assignment.worker, worker) && assignment.sinceMs - spokeMs <= state.patience.quietMs)
    .flatMap(({ lanes, returned }) => lanes.filter((lane) => !returned.includes(lane) && !state.done.includes(lane)));
  const losses = { ...state.losses };
  for (const lane of owed) {
    const earlier = losses[lane] ?? [];
    // A process that vanishes over a lane each time would have it for ever.
    const isAgain = earlier.some((loss) => loss.processNonce === processNonce);
    const strike = ending === 'expelled' || isAgain ? 'certain' : 'open';
    losses[lane] = [...earlier, { workerId: worker.workerId, processNonce, sinceMs: nowMs, why, strike }];
  }
  return { ...state, losses };
}

/** What a process that joins shows of those that were lost: its own lives did not end it, and who had its name is dead. */
export function takeBack(state: LaneState, event: Joined): LaneState {
  return { ...state, losses: judge(state.losses, event) };
}

/** {@link takeBack} of losses that are kept while another step is computed. */
export function judge(
  before: LaneState['losses'],
  { workerId, processNonce }: Pick<Joined, 'workerId' | 'processNonce'>,
): LaneState['losses'] {
  const judged = (loss: Loss): Loss => {
    if (loss.strike !== 'open') return loss;
    if (loss.processNonce !== '' && loss.processNonce === processNonce) return { ...loss, strike: 'taken back' };
    return loss.workerId === workerId ? { ...loss, strike: 'certain' } : loss;
  };
  return Object.fromEntries(Object.entries(before).map(([lane, each]) => [lane, each.map(judged)]));
}

/** The lane that has, for certain, failed on too many workers or ended them. */
export function poisonLane(state: LaneState, nowMs: number): number | undefined {
  const isCertain = ({ strike, sinceMs }: Loss): boolean =>
    strike === 'certain' || nowMs - sinceMs >= state.patience.absentMs;
  return state.lanes.find((lane) => {
    const ended = lostWith(state, lane).filter(isCertain).length;
    return !state.done.includes(lane) && (state.failures[lane]?.length ?? 0) + ended >= MAX_LANE_FAILURES;
  });
}
