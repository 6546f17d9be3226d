/**
 * Who computes which lane where lanes have residuals, and the residuals that no worker has yet. Lanes are handed out at a
 * version, the origin, with what a checkpoint holds, and stay where they are from then on. Pure.
 */
import { type LaneState, lifeOf, type WorkerKey } from './lane-state.js';
import { shareOut } from './pending-lanes.js';
import { judge } from './poison.js';

/** Strikes against lanes in one step. */
type Strikes = Pick<LaneState, 'failures' | 'losses'>;

/** A lane between two steps. */
interface LaneHome {
  /** What it was handed out with; null is nothing. */
  readonly residual: Float32Array | null;
  /** Whether its worker has computed it since, so that only this worker knows its residual. */
  readonly isAway: boolean;
}

/** Residuals of one job. */
export class ResidualBook {
  readonly #laneCount: number;
  readonly #strikes = new Map<number, Strikes>();
  #homes: readonly LaneHome[];
  #owners: readonly WorkerKey[] | null = null;
  #workers = '';
  #origin = -1;

  constructor(laneCount: number) {
    this.#laneCount = laneCount;
    this.#homes = Array.from({ length: laneCount }, () => ({ residual: null, isAway: false }));
  }

  /** The worker of each lane; null before they are handed out. */
  get owners(): readonly WorkerKey[] | null {
    return this.#owners;
  }

  /** Version at which lanes were handed out. */
  get origin(): number {
    return this.#origin;
  }

  /** Goes on from residuals, one of each lane; lanes are to be handed out anew. */
  restore(residuals: readonly (Float32Array | null)[]): void {
    if (residuals.length !== this.#laneCount)
      throw new Error(`${residuals.length} residuals of ${this.#laneCount} lanes`);
    this.#homes = residuals.map((residual) => ({ residual, isAway: false }));
    this.#owners = null;
  }

  /** Hands lanes out where they are not. @param version a later one than at the last time */
  handOut(workers: readonly WorkerKey[], version: number): void {
    if (this.#owners || workers.length === 0) return;
    const lanes = this.#homes.map((_, lane) => lane);
    const owners: WorkerKey[] = [];
    for (const { worker, lanes: given } of shareOut(lanes, workers)) for (const lane of given) owners[lane] = worker;
    this.#owners = owners;
    this.#workers = namesOf(workers);
    this.#origin = version;
  }

  /** What a lane was handed out with: null for nothing, undefined where that was at another version or is gone. */
  handedOut(origin: number, lane: number): Float32Array | null | undefined {
    const home = this.#homes[lane];
    return this.#owners && origin === this.#origin && home && !home.isAway ? home.residual : undefined;
  }

  /** A step has these lanes: their workers have made new residuals of what they were handed. */
  computed(step: number, lanes: readonly number[]): void {
    this.#strikes.delete(step);
    this.#homes = this.#homes.map((home, lane) => (lanes.includes(lane) ? { residual: null, isAway: true } : home));
  }

  /** Lanes whose residuals only their workers know. */
  get away(): readonly { readonly lane: number; readonly owner: WorkerKey }[] {
    return this.#homes.flatMap(({ isAway }, lane) => (isAway ? [{ lane, owner: this.#owners![lane]! }] : []));
  }

  /**
   * All residuals, with those that workers have told. Where workers have come or gone since lanes were handed out, they are
   * handed out anew before the next step: nothing is lost by it now.
   * @param told of every lane in {@link away}
   */
  collected(told: ReadonlyMap<number, Float32Array>, workers: readonly WorkerKey[]): (Float32Array | null)[] {
    const all = this.#homes.map(({ residual, isAway }, lane) => (isAway ? told.get(lane)! : residual));
    if (namesOf(workers) !== this.#workers) this.restore(all);
    return all;
  }

  /** Strikes of earlier tries of a step. */
  strikesOf(step: number): Strikes {
    return this.#strikes.get(step) ?? { failures: {}, losses: {} };
  }

  /** Keeps the strikes of a step that is given up. */
  givenUp({ step, failures, losses }: LaneState): void {
    this.#strikes.set(step, { failures, losses });
  }

  /** A process has joined, which shows something of those that were lost. */
  joined(event: { readonly workerId: string; readonly processNonce: string }): void {
    for (const [step, strikes] of this.#strikes)
      this.#strikes.set(step, { ...strikes, losses: judge(strikes.losses, event) });
  }
}

function namesOf(workers: readonly WorkerKey[]): string {
  return workers.map(lifeOf).sort().join();
}
