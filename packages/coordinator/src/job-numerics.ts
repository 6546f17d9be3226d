/** In which numeric class a job began, and where it went on in another. */
import type { JobWork } from './checkpoint/checkpoint.js';
import type { Job } from './job.js';

/** The numerics of one job, across its checkpoints. */
export class JobNumerics {
  /** Class of the checkpoint that the job goes on from; '' for one from the start. */
  readonly numericClass: string;
  readonly #job: Job;
  readonly #step: () => number;
  readonly #rebasedAt: number[];

  /** @param step steps that are committed, those of the checkpoint included */
  constructor(job: Job, resumed: JobWork | null, step: () => number) {
    this.#job = job;
    this.#step = step;
    this.numericClass = resumed?.numericClass ?? '';
    this.#rebasedAt = [...(resumed?.rebasedAt ?? [])];
  }

  /** Committed steps at which the class changed. */
  get rebasedAt(): readonly number[] {
    return this.#rebasedAt;
  }

  /** Records that the steps from now on are computed in another class. */
  rebase(from: string, to: string): void {
    const step = this.#step();
    this.#rebasedAt.push(step);
    const message = `From step ${step} on the job is computed in ${to}, since no worker of ${from} is left. Its hash is that of no other run.`;
    this.#job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code: 'NUMERICS_REBASED', message } });
  }

  /** The class as results name it. */
  name(numericClass: string): string {
    return this.#rebasedAt.length === 0 ? numericClass : `${numericClass}/rebased=${this.#rebasedAt.join(',')}`;
  }
}
