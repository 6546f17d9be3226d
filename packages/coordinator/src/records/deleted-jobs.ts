/** What is left on the disk of jobs that were deleted: it goes as far as it can, and holds up nobody. */
import type { Logger } from 'pino';
import type { DirectoryStore } from '../adapters/directory-store.js';

/** Jobs that a store has deleted. */
export class DeletedJobs {
  readonly #store: DirectoryStore;
  readonly #logger: Logger;
  /** Jobs that an operator was told of: once each, however often they are tried. */
  readonly #told = new Set<string>();

  constructor(store: DirectoryStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Frees the disk of a job. Never fails: what cannot go stays for another try. */
  empty(jobId: string): Promise<void> {
    return this.#try(jobId, () => this.#store.emptyDeleted(jobId));
  }

  /** Nobody else knows of a job any more. Never fails: what cannot go stays for another try. */
  forget(jobId: string): Promise<void> {
    return this.#try(jobId, () => this.#store.forgetDeleted(jobId));
  }

  async #try(jobId: string, free: () => Promise<void>): Promise<void> {
    try {
      await free();
    } catch (cause) {
      if (this.#told.has(jobId)) return;
      this.#told.add(jobId);
      this.#logger.warn({ job: jobId, err: cause }, 'the disk of a deleted job could not be freed; it is tried again');
    }
  }
}
