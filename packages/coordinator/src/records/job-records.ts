/** Records of jobs: in the store, which is the truth, and beside it in NATS where that has JetStream. */
import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@lockstep/protocol';
import type { Logger } from 'pino';
import type { DirectoryStore } from '../adapters/directory-store.js';
import type { JobRecord } from '../job-record.js';
import { beginLeadership } from './begin-leadership.js';
import type { RecordBucket } from './bucket.js';
import { DeletedJobs } from './deleted-jobs.js';
import { readMark, saveMark } from './index-mark.js';
import { JetStreamBucket } from './jetstream-bucket.js';
import { RecordIndex } from './record-index.js';

/** Opens a bucket; null where NATS has none to offer. */
export type OpenBucket = (nats: NatsConnection, name: string) => Promise<RecordBucket | null>;

/** What records are opened with. */
export interface JobRecordsOptions {
  readonly store: DirectoryStore;
  readonly nats: NatsConnection;
  /** Whether NATS shall have them too. */
  readonly isIndexed: boolean;
  readonly logger: Logger;
  readonly openBucket?: OpenBucket | undefined;
}

/** Where jobs are, and what is left of deleted ones. */
interface Kept {
  readonly store: DirectoryStore;
  readonly deleted: DeletedJobs;
}

/** Records of one leadership. */
export class JobRecords {
  /** Higher than that of every coordinator before, as the store and NATS know them. */
  readonly leadershipEpoch: number;
  readonly #store: DirectoryStore;
  readonly #deleted: DeletedJobs;
  readonly #index: RecordIndex | null;
  /** Jobs whose record is being written; settles when the last in line is. */
  readonly #saving = new Map<string, Promise<void>>();

  private constructor({ store, deleted }: Kept, leadershipEpoch: number, index: RecordIndex | null) {
    this.#store = store;
    this.#deleted = deleted;
    this.leadershipEpoch = leadershipEpoch;
    this.#index = index;
  }

  /** Begins a leadership. @throws LockstepError NATS_UNREACHABLE, OUTPUT_UNWRITABLE, DISK_FULL */
  static async open(options: JobRecordsOptions): Promise<JobRecords> {
    const { store, nats, logger, isIndexed, openBucket = JetStreamBucket.open } = options;
    const kept = { store, deleted: new DeletedJobs(store, logger) };
    if (!isIndexed) return new JobRecords(kept, await store.beginLeadership(0), null);
    const deleted = await store.deletedJobs();
    // An earlier coordinator may have died over them.
    for (const jobId of deleted) await kept.deleted.empty(jobId);
    const mark = await readMark(store.indexMarkPath);
    const bucket = await openBucket(nats, mark.bucket);
    if (!bucket) {
      logger.info({ nats: nats.getServer() }, 'records of jobs are in the store only: this NATS has no JetStream');
      for (const jobId of deleted) await kept.deleted.forget(jobId);
      return new JobRecords(kept, await store.beginLeadership(0), null);
    }
    const leadership = await beginLeadership(bucket, mark, randomUUID(), (above) => store.beginLeadership(above));
    const index = new RecordIndex({
      ...{ bucket, leadership, mark },
      saveMark: (next) => saveMark(store.indexMarkPath, next),
      // The coordinator has told of damaged ones when it started.
      records: () => store.records(() => {}),
      deleted,
      onForgotten: (jobId) => kept.deleted.forget(jobId),
      report: ({ level, code, message }) => logger[level]({ code, bucket: mark.bucket }, message),
    });
    lookOnReconnect(nats, index);
    return new JobRecords(kept, leadership.owner.epoch, index);
  }

  /** Begins to keep NATS equal to the store. @param onDeposed told when another coordinator has taken over */
  start(onDeposed: () => void): void {
    this.#index?.start(onDeposed);
  }

  /** Keeps a record: once this settles it survives a crash, whatever becomes of NATS. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  save(record: JobRecord): Promise<void> {
    return this.#inLine(record.id, async () => {
      await this.#store.saveRecord(record);
      this.#index?.note(record);
    });
  }

  /**
   * Deletes a job with all that the store has of it; nobody may write to it any more. Once this settles it is gone,
   * after a crash too. @throws LockstepError OUTPUT_UNWRITABLE where it is still there
   */
  async delete(jobId: string): Promise<void> {
    await this.#inLine(jobId, () => this.#store.deleteJob(jobId));
    await this.#release(jobId);
  }

  /** Tries again to free the disk of deleted jobs, and to have them forgotten. Never fails. */
  async releaseDeleted(): Promise<void> {
    for (const jobId of await this.#store.deletedJobs()) {
      // One that is just being deleted may be back after a crash, and must be whole then.
      if (!this.#saving.has(jobId)) await this.#release(jobId);
    }
  }

  /** What is left of it is out of the list, and tried again later. */
  async #release(jobId: string): Promise<void> {
    await this.#deleted.empty(jobId);
    if (this.#index) this.#index.forget(jobId);
    else await this.#deleted.forget(jobId);
  }

  /** One after another: two writes of one file at once would leave neither. */
  #inLine(id: string, write: () => Promise<void>): Promise<void> {
    const saved = (this.#saving.get(id) ?? Promise.resolve()).then(write);
    const settled = saved.catch(() => {});
    this.#saving.set(id, settled);
    void settled.then(() => {
      if (this.#saving.get(id) === settled) this.#saving.delete(id);
    });
    return saved;
  }

  /** Writes to NATS what it lacks, and looks no more. */
  async close(): Promise<void> {
    await this.#index?.close();
  }
}

/** A server that comes back may have come back with an older disk. */
async function lookOnReconnect(nats: NatsConnection, index: RecordIndex): Promise<void> {
  for await (const { type } of nats.status()) if (type === 'reconnect') index.check();
}
