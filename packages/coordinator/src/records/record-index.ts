/** Keeps the records of jobs in a bucket as the store has them. The store is the truth: what the bucket lost is written again. */
import type { JobRecord } from '../job-record.js';
import { INDEX_POLL_MS, MAX_INDEX_TRIES } from '../limits.js';
import { damageOf, type Leadership } from './begin-leadership.js';
import type { RecordBucket } from './bucket.js';
import { compareAndSet } from './compare-and-set.js';
import { type IndexOwner, jobKey, jobOfKey, jobText, LEADER, leaderText, ownerOf, tellsOf } from './index-entry.js';
import type { IndexMark } from './index-mark.js';

/** What an operator is told of the index. */
export interface IndexReport {
  readonly level: 'info' | 'warn' | 'error';
  readonly code: 'RECORDS_REBUILT' | 'RECORDS_BEHIND' | 'RECORDS_CAUGHT_UP' | 'RECORDS_WITHOUT_JOB' | 'DEPOSED';
  readonly message: string;
}

/** What an index needs. */
export interface RecordIndexOptions {
  readonly bucket: RecordBucket;
  readonly leadership: Leadership;
  readonly mark: IndexMark;
  readonly saveMark: (mark: IndexMark) => Promise<void>;
  /** Every record of the store. */
  readonly records: () => Promise<readonly JobRecord[]>;
  /** Jobs that the store has deleted and the bucket may know. */
  readonly deleted: readonly string[];
  /** The bucket does not know a deleted job any more. Never fails: the store's troubles are none of the bucket's. */
  readonly onForgotten: (jobId: string) => Promise<void>;
  readonly report: (report: IndexReport) => void;
  /** @default {@link INDEX_POLL_MS} */
  readonly pollMs?: number;
}

class Deposed extends Error {}

/** The index of one leadership. */
export class RecordIndex {
  readonly #options: RecordIndexOptions;
  readonly #owner: IndexOwner;
  readonly #revisions = new Map<string, number>();
  /** What is still to be written. */
  readonly #pending = new Map<string, string>();
  /** Deleted jobs that the bucket may know. */
  readonly #deleted: Set<string>;
  #timer: NodeJS.Timeout | undefined;
  #onDeposed: () => void = () => {};
  #mark: IndexMark;
  /** The mark as the store has it. */
  #saved: string;
  #damage: string | null;
  /** Whether every key was compared with the store since the bucket was last in doubt. */
  #isCompared = false;
  #isBehind = false;
  #isClosed = false;
  #tail: Promise<void> = Promise.resolve();
  #queued = false;

  constructor(options: RecordIndexOptions) {
    this.#options = options;
    this.#owner = options.leadership.owner;
    this.#mark = options.mark;
    this.#deleted = new Set(options.deleted);
    this.#saved = JSON.stringify(options.mark);
    this.#damage = options.leadership.damage;
    this.#revisions.set(LEADER, options.leadership.revision);
  }

  /** Compares every key with the store in the background, and goes on looking at the bucket. */
  start(onDeposed: () => void): void {
    this.#onDeposed = onDeposed;
    this.#timer = setInterval(() => this.check(), this.#options.pollMs ?? INDEX_POLL_MS);
    this.#timer.unref();
    this.check();
  }

  /** The store keeps a record now; the index follows. Never fails: what is in the store is kept. */
  note(record: JobRecord): void {
    this.#pending.set(jobKey(record.id), jobText(this.#owner, record));
    this.check();
  }

  /** The store has deleted a job; the index follows. Never fails. */
  forget(jobId: string): void {
    this.#pending.delete(jobKey(jobId));
    this.#deleted.add(jobId);
    this.check();
  }

  /** Looks at the bucket and writes what it lacks, soon. */
  check(): void {
    if (this.#queued || this.#isClosed) return;
    this.#queued = true;
    this.#tail = this.#tail.then(() => {
      this.#queued = false;
      return this.#isClosed ? undefined : this.#work();
    });
  }

  /** Settles when all that was begun before is done. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  /** Writes what is left and looks no more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.check();
    await this.#tail;
    this.#isClosed = true;
  }

  async #work(): Promise<void> {
    try {
      await this.#look();
      const rebuilt = this.#isCompared ? null : await this.#compare();
      for (const [key, text] of this.#pending) {
        await this.#write(key, text);
        if (this.#pending.get(key) === text) this.#pending.delete(key);
      }
      for (const jobId of this.#deleted) await this.#remove(jobId);
      await this.#keepMark();
      if (rebuilt) this.#tellRebuilt(rebuilt);
      if (this.#isBehind) this.#tell('info', 'RECORDS_CAUGHT_UP', 'NATS has the records of jobs again');
      this.#isBehind = false;
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  /** Notices a bucket that is gone, that went back in time, or that another coordinator leads. */
  async #look(): Promise<void> {
    const { bucket } = this.#options;
    const state = await bucket.state();
    let damage = damageOf(state, this.#mark);
    if (state) {
      const leader = await bucket.get(LEADER);
      if (leader) this.#checkOwner(leader.text);
      if (leader?.text !== leaderText(this.#owner)) damage ??= 'lost the mark of this coordinator';
    }
    if (!damage) return;
    this.#damage ??= damage;
    this.#isCompared = false;
  }

  /** Makes the bucket where it is gone, and finds what differs from the store. @returns how much that is */
  async #compare(): Promise<{ total: number; missing: number; strange: readonly string[] }> {
    const { bucket, records } = this.#options;
    await bucket.make();
    const values = await bucket.list();
    this.#revisions.clear();
    for (const [key, { revision }] of values) this.#revisions.set(key, revision);
    // A bucket in doubt may be another one, whose revisions begin anew.
    const state = await bucket.state();
    if (this.#damage) this.#mark = { ...this.#mark, created: state?.created ?? '', revision: 0, epoch: 0 };
    else this.#mark = { ...this.#mark, created: state?.created ?? '' };
    if (values.get(LEADER)?.text !== leaderText(this.#owner)) await this.#write(LEADER, leaderText(this.#owner));
    const known = await records();
    for (const record of known) {
      const key = jobKey(record.id);
      const value = values.get(key);
      // What waits to be written is never older than the record that was read.
      if (this.#pending.has(key) || this.#deleted.has(record.id) || (value && tellsOf(value.text, record))) continue;
      this.#pending.set(key, jobText(this.#owner, record));
    }
    const ids = new Set([...known.map(({ id }) => id), ...this.#deleted]);
    const there = [...values].flatMap(([key, { text }]) => (text === '' ? [] : [key]));
    const strange = there.flatMap((key) => jobOfKey(key) ?? []).filter((id) => !ids.has(id));
    this.#isCompared = true;
    return { total: known.length, missing: this.#pending.size, strange };
  }

  async #write(key: string, text: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await compareAndSet(this.#options.bucket, key, text, this.#revisions.get(key) ?? 0);
      if (outcome.isOurs) {
        this.#revisions.set(key, outcome.revision);
        this.#mark = { ...this.#mark, revision: Math.max(this.#mark.revision, outcome.revision) };
        return;
      }
      if (outcome.found) this.#checkOwner(outcome.found.text);
      this.#revisions.set(key, outcome.found?.revision ?? 0);
      if (attempt === MAX_INDEX_TRIES) throw new Error(`another writer changes ${key} again and again`);
    }
  }

  async #remove(jobId: string): Promise<void> {
    const key = jobKey(jobId);
    await this.#options.bucket.remove(key);
    this.#revisions.delete(key);
    await this.#options.onForgotten(jobId);
    this.#deleted.delete(jobId);
  }

  #checkOwner(text: string): void {
    const found = ownerOf(text);
    if (!found || found.epoch < this.#owner.epoch) return;
    if (found.epoch === this.#owner.epoch && found.nonce === this.#owner.nonce) return;
    throw new Deposed(`A coordinator of epoch ${found.epoch} leads this store; this one is of ${this.#owner.epoch}`);
  }

  async #keepMark(): Promise<void> {
    this.#mark = { ...this.#mark, epoch: this.#owner.epoch };
    const text = JSON.stringify(this.#mark);
    if (text === this.#saved) return;
    await this.#options.saveMark(this.#mark);
    this.#saved = text;
  }

  #tellRebuilt({ total, missing, strange }: { total: number; missing: number; strange: readonly string[] }): void {
    if (this.#damage) {
      const what = `${missing} of ${total} records were written again from the store`;
      this.#tell('warn', 'RECORDS_REBUILT', `The index of jobs in NATS ${this.#damage}; ${what}`);
    }
    this.#damage = null;
    if (strange.length === 0) return;
    const named = `${strange.slice(0, 5).join(', ')}${strange.length > 5 ? ', ...' : ''}`;
    this.#tell('error', 'RECORDS_WITHOUT_JOB', `The store lacks ${strange.length} jobs that NATS knows of: ${named}`);
  }

  #failed(thrown: unknown): void {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    if (thrown instanceof Deposed) {
      clearInterval(this.#timer);
      this.#isClosed = true;
      this.#tell('error', 'DEPOSED', why);
      this.#onDeposed();
      return;
    }
    // The bucket may be gone or changed behind our back: the next look compares again.
    this.#isCompared = false;
    if (!this.#isBehind) this.#tell('warn', 'RECORDS_BEHIND', `NATS lacks the newest records of jobs: ${why}`);
    this.#isBehind = true;
  }

  #tell(level: IndexReport['level'], code: IndexReport['code'], message: string): void {
    this.#options.report({ level, code, message });
  }
}
