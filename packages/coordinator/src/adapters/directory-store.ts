/** The store in a folder: uploads by SHA-256, and one folder per job. */
import { open, readdir, readFile, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskError } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { type FolderLock, makeFolder, syncFolder } from '@lockstep/protocol/disk';
import { type JobRecord, readRecord, writeRecord } from '../job-record.js';
import { PARTIAL, writeAtomic } from './atomic-file.js';
import { lockStore } from './store-lock.js';
import { type UploadStatus, UploadWriter } from './upload-writer.js';

/** Folders of a job's checkpoints and of TensorBoard's file, in the store or in that of its run. */
export const CHECKPOINTS_FOLDER = 'checkpoints';
export const EVENTS_FOLDER = 'events';
/** Folder of a job's prepared data. */
export const PREPARED_FOLDER = 'prepared';
/** File of a job that says what is known of it. */
const RECORD = 'record.json';
const SHA256 = /^[0-9a-f]{64}$/;
/** Names that a job's folder may have; lost+found is none. */
const JOB_ID = /^[A-Za-z0-9][\w.-]*$/;

/** A file that was removed. */
export interface Removed {
  readonly name: string;
  readonly bytes: number;
}

/** A store below one folder. */
export class DirectoryStore {
  readonly #root: string;
  #lock: FolderLock | null = null;
  /** Uploads that somebody sends; settles when the last in line has ended. */
  readonly #uploading = new Map<string, Promise<void>>();
  /** Uploads that are being removed. */
  readonly #removing = new Map<string, Promise<void>>();
  /** Uploads of submissions that are being taken, with how many name each. */
  readonly #held = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folders and locks them. @throws LockstepError STORE_IN_USE, OUTPUT_UNWRITABLE, DISK_FULL */
  async open(): Promise<void> {
    const lock = await lockStore(this.#root, 'coordinator');
    try {
      await makeFolder(join(this.#root, 'uploads'));
      await makeFolder(join(this.#root, 'jobs'));
    } catch (cause) {
      lock.release();
      throw diskError(this.#root, cause);
    }
    this.#lock = lock;
  }

  /** Lets another coordinator have it. */
  async close(): Promise<void> {
    this.#lock?.release();
    this.#lock = null;
  }

  /** Begins a leadership: its epoch is higher than `above` and that of every coordinator before on this store. */
  async beginLeadership(above: number): Promise<number> {
    const path = join(this.#root, 'leadership.json');
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return '{"epoch":0}';
      throw diskError(path, cause);
    });
    const { epoch: last } = JSON.parse(text) as { epoch: number };
    if (!Number.isSafeInteger(last) || last < 0) throw diskError(path, new Error(`its epoch is ${last}`));
    const epoch = 1 + Math.max(last, above);
    await writeAtomic(path, [`${JSON.stringify({ epoch })}\n`]);
    return epoch;
  }

  /** File that says what NATS has acknowledged of the records. */
  get indexMarkPath(): string {
    return join(this.#root, 'index.json');
  }

  /** Keeps what is known of a job. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE; a new job leaves nothing then */
  async saveRecord(record: JobRecord): Promise<void> {
    try {
      await this.writeJobFile(record.id, RECORD, writeRecord(record));
    } catch (thrown) {
      // That of a job that is known is not empty.
      await rmdir(this.jobDirectory(record.id)).catch(() => {});
      throw thrown;
    }
  }

  /** What is known of every job. @param onDamaged told of each record that can't be read */
  records(onDamaged: (path: string, why: string) => void): Promise<JobRecord[]> {
    return this.#records(onDamaged, async () => {});
  }

  /** As {@link records}, while nobody submits: folders go of jobs that were never acknowledged. */
  takeOver(onDamaged: (path: string, why: string) => void): Promise<JobRecord[]> {
    return this.#records(onDamaged, async (folder) => {
      await rm(join(folder, `${RECORD}${PARTIAL}`), { force: true });
      await rmdir(folder);
    });
  }

  async #records(
    onDamaged: (path: string, why: string) => void,
    onUnbegun: (folder: string) => Promise<void>,
  ): Promise<JobRecord[]> {
    const records: JobRecord[] = [];
    for (const jobId of await readdir(join(this.#root, 'jobs'))) {
      const path = this.jobFile(jobId, RECORD);
      try {
        records.push(readRecord(await readFile(path, 'utf8')));
      } catch (thrown) {
        const { code } = thrown as NodeJS.ErrnoException;
        if (code === 'ENOENT' && (await isUnbegun(dirname(path)))) await onUnbegun(dirname(path)).catch(() => {});
        else if (code !== 'ENOTDIR' && JOB_ID.test(jobId))
          onDamaged(path, thrown instanceof Error ? thrown.message : String(thrown));
      }
    }
    return records;
  }

  /**
   * Deletes a job: its folder goes out of the list at once, whole; a crash before that leaves the job as it was. One
   * whose folder is gone, by hand or by an earlier try that the disk did not confirm, is deleted. Its name stays among
   * {@link deletedJobs} until it is forgotten. @throws LockstepError OUTPUT_UNWRITABLE
   */
  async deleteJob(jobId: string): Promise<void> {
    const [from, to] = [this.jobDirectory(jobId), this.#deleted(jobId)];
    try {
      await makeFolder(dirname(to));
      if (await isThere(from)) await rename(from, to);
      else await makeFolder(to);
      await syncFolder(dirname(from));
      await syncFolder(dirname(to));
    } catch (cause) {
      throw diskError(from, cause);
    }
  }

  /** Jobs that were deleted, and are known to others perhaps. */
  async deletedJobs(): Promise<readonly string[]> {
    return readdir(this.#deleted('')).catch(() => []);
  }

  /** Frees the disk of a deleted job. @throws LockstepError OUTPUT_UNWRITABLE */
  async emptyDeleted(jobId: string): Promise<void> {
    const folder = this.#deleted(jobId);
    try {
      // Forgotten meanwhile, it has nothing left.
      const names = (await isThere(folder)) ? await readdir(folder) : [];
      for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
    } catch (cause) {
      throw diskError(folder, cause);
    }
  }

  /** Nobody else knows of a deleted job any more. @throws LockstepError OUTPUT_UNWRITABLE */
  async forgetDeleted(jobId: string): Promise<void> {
    const folder = this.#deleted(jobId);
    await rm(folder, { recursive: true, force: true }).catch((cause: unknown) => {
      throw diskError(folder, cause);
    });
  }

  /** Folder of a job. */
  jobDirectory(jobId: string): string {
    return join(this.#root, 'jobs', jobId);
  }

  /** A file of a job. */
  jobFile(jobId: string, name: string): string {
    return join(this.jobDirectory(jobId), name);
  }

  /** Path of a complete upload; waits for nobody who sends it. @throws LockstepError UPLOAD_NOT_FOUND */
  async uploadPath(sha256: string): Promise<string> {
    const path = this.#upload(sha256);
    await this.#removing.get(sha256);
    if (await isFile(path)) return path;
    throw new LockstepError('UPLOAD_NOT_FOUND', {
      message: `No data file with SHA-256 ${sha256} was uploaded.`,
      field: 'uploads',
      value: sha256,
    });
  }

  /** How much of an upload is there. Who asks counts on it: it is as new as one that has just come. */
  async uploadStatus(sha256: string): Promise<UploadStatus> {
    const path = this.#upload(sha256);
    const storedBytes = await askFor(path);
    if (storedBytes !== null) return { storedBytes, complete: true };
    return { storedBytes: (await askFor(`${path}${PARTIAL}`)) ?? 0, complete: false };
  }

  /**
   * Opens an upload for appending; null when all of it is there. Waits for another client that sends the same file.
   * @throws LockstepError OUTPUT_UNWRITABLE, DISK_FULL
   */
  async appendUpload(sha256: string): Promise<UploadWriter | null> {
    const path = this.#upload(sha256);
    const before = this.#uploading.get(sha256) ?? this.#removing.get(sha256);
    let release = (): void => {};
    const done = new Promise<void>((resolve) => {
      release = resolve;
    });
    const turn = (before ?? Promise.resolve()).then(() => done);
    this.#uploading.set(sha256, turn);
    const end = (): void => {
      if (this.#uploading.get(sha256) === turn) this.#uploading.delete(sha256);
      release();
    };
    await before;
    try {
      if (await isFile(path)) {
        end();
        return null;
      }
      const file = await open(`${path}${PARTIAL}`, 'a');
      return new UploadWriter({ file, path, sha256, end }, (await file.stat()).size);
    } catch (cause) {
      end();
      throw diskError(path, cause);
    }
  }

  /** Keeps uploads from being swept until a job that names them is known. @returns what ends it */
  holdUploads(sha256s: readonly string[]): () => void {
    for (const sha256 of sha256s) this.#held.set(sha256, (this.#held.get(sha256) ?? 0) + 1);
    return () => {
      for (const sha256 of sha256s) {
        const left = (this.#held.get(sha256) ?? 1) - 1;
        if (left > 0) this.#held.set(sha256, left);
        else this.#held.delete(sha256);
      }
    };
  }

  /**
   * Removes uploads, whole or partial, that no job names and that nobody has sent or asked for since.
   * @param beforeUnixSeconds when they were sent or asked for last
   * @param onStuck told of each that can't be removed
   */
  async sweepUploads(
    isNamed: (sha256: string) => boolean,
    beforeUnixSeconds: number,
    onStuck: (name: string, cause: unknown) => void,
  ): Promise<readonly Removed[]> {
    const folder = join(this.#root, 'uploads');
    const removed: Removed[] = [];
    for (const name of await readdir(folder)) {
      const sha256 = name.replace(PARTIAL, '');
      const path = join(folder, name);
      const found = await stat(path).catch(() => null);
      if (!found || found.mtimeMs / 1000 >= beforeUnixSeconds) continue;
      // Between this look and the removal nobody has a turn: whoever submits or sends it later waits, and finds it gone.
      if (isNamed(sha256) || this.#held.has(sha256) || this.#uploading.has(sha256)) continue;
      const removal = rm(path, { force: true }).then(
        () => void removed.push({ name, bytes: found.size }),
        (cause: unknown) => onStuck(name, cause),
      );
      this.#removing.set(sha256, removal);
      await removal;
      this.#removing.delete(sha256);
    }
    return removed;
  }

  /** Writes a file of a job: temporary name, fsync, rename. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  writeJobFile(jobId: string, name: string, content: Uint8Array | string): Promise<void> {
    return writeAtomic(this.jobFile(jobId, name), [content]);
  }

  #deleted(jobId: string): string {
    return join(this.#root, 'deleted', jobId);
  }

  #upload(sha256: string): string {
    if (!SHA256.test(sha256)) {
      throw new LockstepError('PROTOCOL_VIOLATION', {
        message: 'An upload is named by 64 hex digits.',
        field: 'sha256',
        value: sha256.slice(0, 80),
      });
    }
    return join(this.#root, 'uploads', sha256);
  }
}

/** Bytes of a file that somebody counts on from now on; null where it is not there. */
async function askFor(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  if (!found) return null;
  const now = new Date();
  const isGone = await utimes(path, now, now).then(
    () => false,
    (cause: NodeJS.ErrnoException) => cause.code === 'ENOENT',
  );
  return isGone ? null : found.size;
}

/** @throws Error where that cannot be known */
async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return false;
      throw cause;
    },
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Whether a submission made a folder, and ended before its job was kept: what was acknowledged has a record first. */
async function isUnbegun(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => ['?']);
  return names.every((name) => name === `${RECORD}${PARTIAL}`);
}
