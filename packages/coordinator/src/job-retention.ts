/** Deletes ended jobs that are kept no longer, and uploads that no job names any more. */
import type { Logger } from 'pino';
import type { DirectoryStore } from './adapters/directory-store.js';
import { type ByNamespace, byNamespace } from './by-namespace.js';
import { type DeletionReason, type EndedJob, outdated, type Retention } from './core/retention.js';
import { CLOCK_STEP_S, ENDED_GRACE_S, KEEP_JOBS, KEEP_SECONDS, RETENTION_MS, UPLOAD_GRACE_S } from './limits.js';
import type { Clock } from './ports.js';

/** What is kept of ended jobs. */
export interface RetentionConfig {
  /** Seconds since the end of a job, by namespace; Infinity is for ever. @default 90 days */
  readonly keepSeconds?: ByNamespace;
  /** Jobs of each namespace, the newest. @default 1000 */
  readonly keepJobs?: ByNamespace;
}

/** What retention works on. */
export interface RetentionOptions {
  readonly config: RetentionConfig;
  readonly clock: Clock;
  readonly endedJobs: () => readonly EndedJob[];
  /** Deletes a job for good. */
  readonly deleteJob: (jobId: string, why: DeletionReason) => Promise<unknown>;
  /** Tries again to free the disk of deleted jobs. Never fails. */
  readonly releaseDeleted: () => Promise<void>;
  readonly store: Pick<DirectoryStore, 'sweepUploads'>;
  /** Whether a job names an upload; null where it is not known of all jobs. */
  readonly namesUpload: ((sha256: string) => boolean) | null;
  readonly logger: Logger;
}

/** Looks now and then. */
export class JobRetention {
  readonly #options: RetentionOptions;
  readonly #retentionOf: (namespace: string) => Retention;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | null = null;
  #isStopped = false;
  /** Seconds of the wall clock since the monotonic one began, at the last look. */
  #clockStart: number;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#clockStart = clockStart(options.clock);
    const { keepSeconds = {}, keepJobs = {} } = options.config;
    const seconds = byNamespace(keepSeconds, KEEP_SECONDS);
    const jobs = byNamespace(keepJobs, KEEP_JOBS);
    this.#retentionOf = (namespace) => ({ keepSeconds: seconds(namespace), keepJobs: jobs(namespace) });
  }

  /** Looks from now on; first after a while, so that a clock that is wrong when a machine starts deletes nothing. */
  start(): void {
    this.#timer = setInterval(() => void this.sweep(), RETENTION_MS);
    this.#timer.unref();
  }

  /** Deletes what is kept no longer. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  /** Begins to delete nothing more. Settles when what was begun is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { clock, endedJobs, deleteJob, releaseDeleted, logger } = this.#options;
    const step = this.#stepOfClock();
    if (Math.abs(step) > CLOCK_STEP_S) {
      logger.warn({ seconds: Math.round(step) }, 'the clock of this machine was set: nothing is deleted at this look');
      return;
    }
    const now = clock.unixSeconds();
    for (const { id, why } of outdated(endedJobs(), this.#retentionOf, now, ENDED_GRACE_S)) {
      if (this.#isStopped) return;
      await deleteJob(id, why).catch((cause: unknown) => {
        logger.warn({ job: id, why, err: cause }, 'a job that is kept no longer could not be deleted');
      });
    }
    if (!this.#isStopped) await releaseDeleted();
    await this.#sweepUploads();
  }

  /** Seconds by which the wall clock was set since the last look. */
  #stepOfClock(): number {
    const before = this.#clockStart;
    this.#clockStart = clockStart(this.#options.clock);
    return this.#clockStart - before;
  }

  async #sweepUploads(): Promise<void> {
    const { store, namesUpload, clock, logger } = this.#options;
    if (!namesUpload || this.#isStopped) return;
    const before = clock.unixSeconds() - UPLOAD_GRACE_S;
    const isStuck = (upload: string, cause: unknown): void =>
      logger.warn({ upload, err: cause }, 'an upload that no job names could not be deleted');
    const gone = await store.sweepUploads(namesUpload, before, isStuck).catch((cause: unknown) => {
      logger.warn({ err: cause }, 'uploads could not be deleted');
      return [];
    });
    for (const { name, bytes } of gone) logger.info({ upload: name, bytes }, 'upload deleted: no job names it');
  }
}

function clockStart(clock: Clock): number {
  return clock.unixSeconds() - clock.nowMs() / 1000;
}
