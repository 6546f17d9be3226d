/** Workers that hold the only residuals of lanes, and what happens when one is gone. */
import type { LaneState } from './core/lane-state.js';
import type { StepStart } from './core/lanes.js';
import type { ResidualBook } from './core/residual-book.js';
import type { Crew } from './crew.js';

/** A worker is gone, and with it the only residuals of its lanes: the job goes back to its newest checkpoint. */
export class OwnerLost extends Error {
  /** @param why it is gone, in words */
  constructor(why: string) {
    super(why);
    this.name = 'OwnerLost';
  }
}

/** Why a step is given up; its strikes are kept for its next try. */
export function ownerLost(why: string, state: LaneState, residuals: ResidualBook | null): OwnerLost {
  residuals?.givenUp(state);
  return new OwnerLost(why);
}

/**
 * The worker of each lane for a step on a version, with the strikes of earlier tries of it; lanes that nobody has are
 * handed out. @throws OwnerLost
 */
export function ownersOf(
  residuals: ResidualBook,
  crew: Crew,
  version: number,
  step: number,
): Pick<StepStart, 'owners' | 'strikes'> {
  residuals.handOut(
    crew.ready.map(({ key }) => key),
    version,
  );
  const { owners } = residuals;
  if (!owners) throw new OwnerLost('every worker was lost between two steps');
  const lost = owners.find((owner) => !crew.find(owner));
  if (lost) throw new OwnerLost(`${lost.workerId} was lost between two steps`);
  return { owners, strikes: residuals.strikesOf(step) };
}
