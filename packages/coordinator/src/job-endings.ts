/** Ends jobs: in the store first, and each once. */
import { LockstepError } from '@lockstep/protocol/core';
import type { JobMachineEvent } from './core/job-machine.js';
import type { Job } from './job.js';
import type { JobRecord } from './job-record.js';

/** The ends of a coordinator's jobs. */
export class JobEndings {
  readonly #saveRecord: (record: JobRecord) => Promise<void>;
  readonly #endings = new WeakMap<Job, Promise<void>>();

  /** @param saveRecord once it settles, the record survives a crash */
  constructor(saveRecord: (record: JobRecord) => Promise<void>) {
    this.#saveRecord = saveRecord;
  }

  /** Settles once a job whose end has begun has ended; null for any other. */
  of(job: Job): Promise<void> | null {
    return this.#endings.get(job) ?? null;
  }

  /** Ends a job. Of two ends that race the first counts, so that the store and what clients are told agree. */
  end(job: Job, event: JobMachineEvent): Promise<void> {
    const ending = this.#endings.get(job) ?? this.#endOnce(job, event);
    this.#endings.set(job, ending);
    return ending;
  }

  /** In the store first: what a client is told must survive a crash. */
  async #endOnce(job: Job, event: JobMachineEvent): Promise<void> {
    if (job.hasEnded) return;
    try {
      await this.#saveRecord(job.toRecord(event));
    } catch (thrown) {
      const { code, message } = LockstepError.from(thrown);
      job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code, message: `Its end could not be recorded: ${message}` } });
    }
    job.advance(event);
  }
}
