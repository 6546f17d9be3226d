/** Tells every waiting job what it waits for. */
import { explainWait, type Wait } from './explain-wait.js';
import type { Job } from './job.js';
import type { JobShare, Workforce } from './workforce.js';

/** What waits are explained with. */
export interface WaitsOptions {
  readonly workforce: Workforce;
  /** A job that has not ended, with its place. */
  readonly find: (jobId: string) => { readonly job: Job; readonly share: JobShare } | undefined;
  /** Jobs that run, in the order in which they began. */
  readonly running: () => Iterable<Job>;
}

/** The waits of the jobs of one queue. */
export class JobWaits {
  readonly #options: WaitsOptions;

  constructor(options: WaitsOptions) {
    this.#options = options;
  }

  /** Every waiting job says what it waits for. */
  tell(): void {
    const { workforce, find } = this.#options;
    const waiting = workforce.waiting.flatMap((id) => find(id) ?? []);
    if (waiting.length === 0) return;
    const running = this.#holders();
    waiting.forEach(({ job, share }, before) => {
      job.advance({ type: 'waiting', why: this.explain(job, share, before + 1, running) });
    });
  }

  /** What a job waits for, in words. @param place among those that wait, from 1 */
  explain({ submission }: Job, share: JobShare, place = 1, running = this.#holders()): string {
    const { run, train } = submission.spec;
    const computing = { device: run.device, engine: train.engine };
    const named = (id: string): string => this.nameFor(submission.namespace, id);
    return explainWait({ ...share.shortfall, ...{ place, needs: share.least, ...computing, running, named } });
  }

  /** What a namespace calls a job: it hears of the others' in numbers only. */
  nameFor(namespace: string, jobId: string): string {
    return this.#options.find(jobId)?.job.submission.namespace === namespace ? jobId : 'a job of another namespace';
  }

  /** Jobs that have begun, with what each holds. */
  #holders(): Wait['running'] {
    const { running, find } = this.#options;
    return [...running()].map(({ id, phase: { state } }) => ({ id, state, holds: find(id)?.share.held ?? 0 }));
  }
}
