/** Seconds that a process spends in the phases of steps: means over the newest steps, sums over all of them. Pure. */

/** Steps that means are over. */
export const MEAN_STEPS = 50;

/** Seconds by phase, over a number of steps. */
export interface PhaseSeconds {
  readonly steps: number;
  readonly phaseSeconds: Record<string, number>;
}

/** Times of one process. */
export class PhaseTimes {
  readonly #phases: readonly string[];
  /** Of the newest steps: [MEAN_STEPS, phases], a ring. */
  readonly #newest: Float64Array;
  readonly #sums: Float64Array;
  #steps = 0;

  constructor(phases: readonly string[]) {
    this.#phases = phases;
    this.#newest = new Float64Array(MEAN_STEPS * phases.length);
    this.#sums = new Float64Array(phases.length);
  }

  /** Steps so far. */
  get steps(): number {
    return this.#steps;
  }

  /** A step has ended. @param seconds of each phase, in their order */
  add(seconds: ArrayLike<number>): void {
    const at = (this.#steps % MEAN_STEPS) * this.#phases.length;
    for (let phase = 0; phase < this.#phases.length; phase++) {
      const value = seconds[phase] as number;
      this.#newest[at + phase] = value;
      (this.#sums[phase] as number) += value;
    }
    this.#steps++;
  }

  /** Mean seconds of a step, over the newest ones. */
  mean(): PhaseSeconds {
    const steps = Math.min(this.#steps, MEAN_STEPS);
    if (steps === 0) return { steps, phaseSeconds: {} };
    const sums = new Float64Array(this.#phases.length);
    for (let at = 0; at < steps * sums.length; at++) {
      (sums[at % sums.length] as number) += this.#newest[at] as number;
    }
    return { steps, phaseSeconds: this.#named((phase) => (sums[phase] as number) / steps) };
  }

  /** Seconds of all steps. */
  total(): PhaseSeconds {
    return { steps: this.#steps, phaseSeconds: this.#named((phase) => this.#sums[phase] as number) };
  }

  #named(secondsOf: (phase: number) => number): Record<string, number> {
    return Object.fromEntries(this.#phases.map((name, phase) => [name, secondsOf(phase)]));
  }
}
