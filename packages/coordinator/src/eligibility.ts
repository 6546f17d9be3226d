/** Which workers a job can use: those with its device that compute its bits. */
import { majorityClass } from './core/majority-class.js';
import type { CrewSize } from './crew-size.js';
import type { WorkerSession } from './ports.js';

/** Device and numeric class of one job. The class is a checkpoint's, else that of most workers when the job starts. */
export class Eligibility {
  readonly #device: string;
  #numericClass: string;
  #isSettled: boolean;
  /** What a worker was told last. */
  readonly #told = new WeakMap<WorkerSession, string>();

  /**
   * @param device 'auto' takes any
   * @param numericClass class of the checkpoint that the job goes on from; '' without one
   */
  constructor(device: string, numericClass: string) {
    this.#device = device;
    this.#numericClass = numericClass;
    this.#isSettled = numericClass !== '';
  }

  get numericClass(): string {
    return this.#numericClass;
  }

  /** Whether the class is decided: before, each worker that comes or goes changes the vote. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  settle(): void {
    this.#isSettled = true;
  }

  /** Takes the class of most workers that have the device. @returns whether it is another one than before */
  vote(sessions: readonly WorkerSession[]): boolean {
    const before = this.#numericClass;
    const able = this.#able(sessions);
    if (able.length > 0) this.#numericClass = majorityClass(able.map(({ numericClass }) => numericClass));
    return this.#numericClass !== before;
  }

  fits(session: WorkerSession): boolean {
    return this.#hasDevice(session) && session.numericClass === this.#numericClass;
  }

  /** Why a worker does not fit; null where that was told already. */
  refuse(session: WorkerSession): string | null {
    const why = this.#hasDevice(session)
      ? `NUMERIC_CLASS_MISMATCH: it is ${session.numericClass}, the job is ${this.#numericClass}`
      : `it computes on ${session.device}, the job on ${this.#device}`;
    if (this.#told.get(session) === why) return null;
    this.#told.set(session, why);
    return why;
  }

  /** Which workers are missing of those that are waited for, in numbers; '' where enough are connected. */
  shortage(connected: readonly WorkerSession[], { wanted, least }: Pick<CrewSize, 'wanted' | 'least'>): string {
    const able = this.#able(connected).length;
    if (this.#device !== 'auto' && able < wanted) {
      return `needs ${wanted} ${this.#device} workers, ${able} of ${connected.length} connected have ${this.#device}`;
    }
    return least > 1 && able < least ? `needs ${least} workers (run.minWorkers), ${able} connected` : '';
  }

  /** Which workers have the device and compute other bits, and what would take them; '' where there are none. */
  others(sessions: readonly WorkerSession[]): string {
    const [first, ...more] = this.#able(sessions).filter((session) => !this.fits(session));
    if (!first) return '';
    const many = more.length === 0 ? '1 more computes' : `${more.length + 1} more compute`;
    return `; ${many} other bits: NUMERIC_CLASS_MISMATCH, ${first.numericClass} and not ${this.#numericClass}. --rebase-numerics goes on with what is there`;
  }

  #able(sessions: readonly WorkerSession[]): WorkerSession[] {
    return sessions.filter((session) => this.#hasDevice(session));
  }

  #hasDevice(session: WorkerSession): boolean {
    return hasDevice(session, this.#device);
  }
}

/** Whether a worker computes on a device. @param device 'auto' takes any */
export function hasDevice(session: WorkerSession, device: string): boolean {
  return device === 'auto' || session.device === device;
}
