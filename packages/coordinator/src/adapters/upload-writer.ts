/** Writes one upload, piece by piece. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { syncFolder } from '@lockstep/protocol/disk';
import { PARTIAL } from './atomic-file.js';

/** How much of an upload is there. */
export interface UploadStatus {
  readonly storedBytes: number;
  readonly complete: boolean;
}

/** What one upload is written with. */
interface Appending {
  readonly file: FileHandle;
  readonly path: string;
  readonly sha256: string;
  /** Lets the next client have its turn. */
  readonly end: () => void;
}

/** Appends to one upload and checks its hash at the end. Must be finished or abandoned. */
export class UploadWriter {
  readonly #appending: Appending;
  #storedBytes: number;

  constructor(appending: Appending, storedBytes: number) {
    this.#appending = appending;
    this.#storedBytes = storedBytes;
  }

  /** Bytes that are there. */
  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** Appends bytes. @throws LockstepError DISK_FULL */
  async append(data: Uint8Array): Promise<void> {
    const { file, path } = this.#appending;
    try {
      await file.writeFile(data);
      this.#storedBytes += data.length;
    } catch (cause) {
      throw diskError(path, cause);
    }
  }

  /** Ends the upload: whole files are checked and become readable. @throws LockstepError UPLOAD_MISMATCH */
  async finish(totalBytes: number): Promise<UploadStatus> {
    const { file, path, end } = this.#appending;
    try {
      await file.sync();
      await file.close();
      if (this.#storedBytes < totalBytes) return { storedBytes: this.#storedBytes, complete: false };
      await this.#check();
      await rename(`${path}${PARTIAL}`, path);
      await syncFolder(dirname(path));
      return { storedBytes: this.#storedBytes, complete: true };
    } catch (cause) {
      throw diskError(path, cause);
    } finally {
      end();
    }
  }

  /** Keeps what is there for a later try. */
  async abandon(): Promise<void> {
    await this.#appending.file.close().catch(() => {});
    this.#appending.end();
  }

  async #check(): Promise<void> {
    const { path, sha256 } = this.#appending;
    const hash = createHash('sha256');
    for await (const piece of createReadStream(`${path}${PARTIAL}`, { highWaterMark: 1 << 20 })) {
      hash.update(piece as Buffer);
    }
    const found = hash.digest('hex');
    if (found === sha256) return;
    await rm(`${path}${PARTIAL}`, { force: true });
    const message = `The uploaded bytes have SHA-256 ${found}, not ${sha256}.`;
    throw new LockstepError('UPLOAD_MISMATCH', { message, field: 'data', value: sha256 });
  }
}
