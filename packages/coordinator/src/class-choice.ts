/** In which numeric class a job is computed, and which workers are of another. */
import { majorityClass } from './core/majority-class.js';
import type { WorkerSession } from './ports.js';

/** The class of one job: given by a checkpoint, else chosen by the workers that are there when it starts. */
export class ClassChoice {
  #name: string;
  #isSettled: boolean;
  /** The class that a worker of another one was refused for. */
  readonly #refusedFor = new WeakMap<WorkerSession, string>();

  /** @param given class of the checkpoint that the job goes on from; '' without one */
  constructor(given: string) {
    this.#name = given;
    this.#isSettled = given !== '';
  }

  get name(): string {
    return this.#name;
  }

  /** Whether the class is decided: before, each worker that comes or goes changes the vote. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  settle(): void {
    this.#isSettled = true;
  }

  /** Takes the class of most workers. @returns whether it is another one than before */
  vote(sessions: readonly WorkerSession[]): boolean {
    const before = this.#name;
    this.#name = majorityClass(sessions.map(({ numericClass }) => numericClass));
    return this.#name !== before;
  }

  fits({ numericClass }: WorkerSession): boolean {
    return numericClass === this.#name;
  }

  /** Why a worker does not fit; null where it was told already. */
  refuse(session: WorkerSession): string | null {
    if (this.#refusedFor.get(session) === this.#name) return null;
    this.#refusedFor.set(session, this.#name);
    return `NUMERIC_CLASS_MISMATCH: it is ${session.numericClass}, the job is ${this.#name}`;
  }

  /** Says which workers are there and of no use, for the reason to wait; '' without any. */
  othersText(sessions: readonly WorkerSession[]): string {
    const others = sessions.filter((session) => !this.fits(session));
    const [first] = others;
    if (!first) return '';
    const many = others.length === 1 ? '1 more computes' : `${others.length} more compute`;
    return `; ${many} other bits: NUMERIC_CLASS_MISMATCH, ${first.numericClass} and not ${this.#name}. --rebase-numerics goes on with what is there`;
  }
}
