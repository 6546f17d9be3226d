/** Which workers a job can use: those with its device and engine that compute its bits. */
import { majorityClass } from './core/majority-class.js';
import type { CrewSize } from './crew-size.js';
import type { WorkerSession } from './ports.js';

/** What a job computes with. */
export interface ComputeNeeds {
  /** 'auto' takes any. */
  readonly device: string;
  readonly engine: string;
}

/** Device, engine and numeric class of one job. The class is a checkpoint's, else that of most workers when the job starts. */
export class Eligibility {
  readonly #needs: ComputeNeeds;
  #numericClass: string;
  #isSettled: boolean;
  /** What a worker was told last. */
  readonly #told = new WeakMap<WorkerSession, string>();

  /** @param numericClass class of the checkpoint that the job goes on from; '' without one */
  constructor(needs: ComputeNeeds, numericClass: string) {
    this.#needs = needs;
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

  /** Takes the class of most workers that have device and engine. @returns whether it is another one than before */
  vote(sessions: readonly WorkerSession[]): boolean {
    const before = this.#numericClass;
    const able = this.#able(sessions);
    if (able.length > 0) this.#numericClass = majorityClass(able.map(({ numericClass }) => numericClass));
    return this.#numericClass !== before;
  }

  fits(session: WorkerSession): boolean {
    return meets(session, this.#needs) && session.numericClass === this.#numericClass;
  }

  /** Why a worker does not fit; null where that was told already. */
  refuse(session: WorkerSession): string | null {
    const why = meets(session, this.#needs)
      ? `NUMERIC_CLASS_MISMATCH: it is ${session.numericClass}, the job is ${this.#numericClass}`
      : lack(session, this.#needs);
    if (this.#told.get(session) === why) return null;
    this.#told.set(session, why);
    return why;
  }

  /** Which workers are missing of those that are waited for, in numbers; '' where enough are connected. */
  shortage(connected: readonly WorkerSession[], { wanted, least }: Pick<CrewSize, 'wanted' | 'least'>): string {
    const able = this.#able(connected).length;
    const named = this.#named(connected);
    if (named !== '' && able < wanted) {
      return `needs ${wanted} ${named} workers, ${able} of ${connected.length} connected have ${named}`;
    }
    return least > 1 && able < least ? `needs ${least} workers (run.minWorkers), ${able} connected` : '';
  }

  /** Which workers have device and engine and compute other bits, and what would take them; '' where there are none. */
  others(sessions: readonly WorkerSession[]): string {
    const [first, ...more] = this.#able(sessions).filter((session) => !this.fits(session));
    if (!first) return '';
    const many = more.length === 0 ? '1 more computes' : `${more.length + 1} more compute`;
    return `; ${many} other bits: NUMERIC_CLASS_MISMATCH, ${first.numericClass} and not ${this.#numericClass}. --rebase-numerics goes on with what is there`;
  }

  #able(sessions: readonly WorkerSession[]): WorkerSession[] {
    return sessions.filter((session) => meets(session, this.#needs));
  }

  /** The device that is asked for, and the engine where some have another; '' where neither matters. */
  #named(connected: readonly WorkerSession[]): string {
    const { device, engine } = this.#needs;
    const isMixed = connected.some((session) => session.engine !== engine);
    return [...(device === 'auto' ? [] : [device]), ...(isMixed ? [engine] : [])].join(' ');
  }
}

/** Whether a worker computes on the device and with the engine. */
export function meets(session: WorkerSession, { device, engine }: ComputeNeeds): boolean {
  return (device === 'auto' || session.device === device) && session.engine === engine;
}

function lack(session: WorkerSession, { device, engine }: ComputeNeeds): string {
  if (session.engine !== engine) return `it computes with ${session.engine}, the job with ${engine}`;
  return `it computes on ${session.device}, the job on ${device}`;
}
