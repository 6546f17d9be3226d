/** Records of jobs: in the store, which is the truth, and beside it in NATS where that has JetStream. */
import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@lockstep/protocol';
import type { Logger } from 'pino';
import type { DirectoryStore } from '../adapters/directory-store.js';
import type { JobRecord } from '../job-record.js';
import { beginLeadership } from './begin-leadership.js';
import type { RecordBucket } from './bucket.js';
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

/** Records of one leadership. */
export class JobRecords {
  /** Higher than that of every coordinator before, as the store and NATS know them. */
  readonly leadershipEpoch: number;
  readonly #store: DirectoryStore;
  readonly #index: RecordIndex | null;
  /** Jobs whose record is being written; settles when the last in line is. */
  readonly #saving = new Map<string, Promise<void>>();

  private constructor(store: DirectoryStore, leadershipEpoch: number, index: RecordIndex | null) {
    this.#store = store;
    this.leadershipEpoch = leadershipEpoch;
    this.#index = index;
  }

  /** Begins a leadership. @throws LockstepError NATS_UNREACHABLE, OUTPUT_UNWRITABLE, DISK_FULL */
  static async open(options: JobRecordsOptions): Promise<JobRecords> {
    const { store, nats, logger, isIndexed, openBucket = JetStreamBucket.open } = options;
    if (!isIndexed) return new JobRecords(store, await store.beginLeadership(0), null);
    const deleted = await store.deletedJobs();
    // An earlier coordinator may have died over them.
    for (const jobId of deleted) {
      await store
        .emptyDeleted(jobId)
        .catch((cause: unknown) => logger.warn({ job: jobId, err: cause }, 'disk not freed'));
    }
    const mark = await readMark(store.indexMarkPath);
    const bucket = await openBucket(nats, mark.bucket);
    if (!bucket) {
      logger.info({ nats: nats.getServer() }, 'records of jobs are in the store only: this NATS has no JetStream');
      return new JobRecords(store, await store.beginLeadership(0), null);
    }
    const leadership = await beginLeadership(bucket, mark, randomUUID(), (above) => store.beginLeadership(above));
    const index = new RecordIndex({
      ...{ bucket, leadership, mark },
      saveMark: (next) => saveMark(store.indexMarkPath, next),
      // The coordinator has told of damaged ones when it started.
      records: () => store.records(() => {}),
      deleted,
      onForgotten: (jobId) => store.forgetDeleted(jobId),
      report: ({ level, code, message }) => logger[level]({ code, bucket: mark.bucket }, message),
    });
    lookOnReconnect(nats, index);
    return new JobRecords(store, leadership.owner.epoch, index);
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
    // What is left is out of the list, and tried again by the next coordinator.
    await this.#store.emptyDeleted(jobId).catch(() => {});
    if (this.#index) this.#index.forget(jobId);
    else await this.#store.forgetDeleted(jobId).catch(() => {});
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
