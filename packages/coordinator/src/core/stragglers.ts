/** Lanes that take too long: an idle worker gets them as well, and a worker that hangs is ended. Pure. */
import {
  type Assignment,
  idleWorkers,
  isSame,
  type LaneAction,
  type LaneDecision,
  type LaneState,
  missingLanes,
  outstanding,
  type WorkerKey,
} from './lane-state.js';
import { isSuspect } from './poison.js';

/** Ends workers that owe lanes, of this step or an earlier one, beyond all patience. */
export function expelHanging(state: LaneState, nowMs: number): LaneDecision {
  const { hangMs } = state.patience;
  const late = [...outstanding(state), ...state.owing].filter(({ sinceMs }) => nowMs - sinceMs >= hangMs);
  const why = `it owes lanes for ${Math.round(hangMs / 1000)} s`;
  const actions = late.map(({ worker }): LaneAction => ({ type: 'expel', worker, why }));
  return { state, actions, reason: late.map(({ worker }) => `${worker.workerId}: ${why}`).join('; ') };
}

/** Gives lanes of stragglers to idle workers too; the first answer counts. */
export function helpStragglers({ state, actions, reason }: LaneDecision, nowMs: number): LaneDecision {
  const { stragglerMs, fresh } = state.patience;
  if (stragglerMs === null || state.owners) return { state, actions, reason };
  const idle = idleWorkers(state);
  const late = outstanding(state).filter(
    (assignment) =>
      nowMs - assignment.sinceMs >= stragglerMs &&
      missingLanes(state, assignment).length > 0 &&
      !assignment.lanes.some((lane) => isSuspect(state, lane)) &&
      !fresh.some((worker) => isSame(worker, assignment.worker)) &&
      !isHelped(state, assignment),
  );
  const added = late.slice(0, idle.length).map((assignment, index): Assignment => {
    const worker = idle[index] as WorkerKey;
    const lanes = missingLanes(state, assignment);
    return { worker, attempt: state.nextAttempt + index, lanes, sinceMs: nowMs, returned: [] };
  });
  if (added.length === 0) return { state, actions, reason };
  const words = added.map(({ worker, lanes }, index) => {
    const from = late[index]?.worker.workerId;
    return `lanes ${lanes.join(', ')} of ${from}, which takes more than ${Math.round(stragglerMs)} ms, also go to ${worker.workerId}`;
  });
  return {
    state: { ...state, assignments: [...state.assignments, ...added], nextAttempt: state.nextAttempt + added.length },
    actions: [...actions, ...added.map((assignment): LaneAction => ({ type: 'assign', assignment }))],
    reason: [reason, ...words].filter(Boolean).join('; '),
  };
}

function isHelped(state: LaneState, assignment: Assignment): boolean {
  const missing = missingLanes(state, assignment);
  return outstanding(state).some((other) => other !== assignment && other.lanes.some((lane) => missing.includes(lane)));
}
