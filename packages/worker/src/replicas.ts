/** Training graphs of one job, each with memory of its own, so that several lanes are computed at once. */
import type { TrainingGraph } from './training-graph.js';

/** Lends each replica to one task at a time, in the order asked. */
export class Replicas<Replica = TrainingGraph> {
  readonly #all: readonly Replica[];
  readonly #idle: Replica[];
  readonly #waiting: ((replica: Replica) => void)[] = [];

  constructor(replicas: readonly Replica[]) {
    this.#all = replicas;
    this.#idle = [...replicas];
  }

  /** Every replica, to be freed. */
  get all(): readonly Replica[] {
    return this.#all;
  }

  /** Runs a task once a replica is idle. */
  async run<Result>(task: (replica: Replica) => Promise<Result>): Promise<Result> {
    const replica = this.#idle.pop() ?? (await new Promise<Replica>((resolve) => this.#waiting.push(resolve)));
    try {
      return await task(replica);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(replica);
      else this.#idle.push(replica);
    }
  }
}
