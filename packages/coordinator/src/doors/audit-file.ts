/** The file of an audit log. A disk without space loses no line: what cannot be written waits, and whoever asks is told. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { LockstepError, writeError } from '@lockstep/protocol/core';
import type { Logger } from 'pino';
import { MAX_WAITING_LINES } from '../limits.js';

/** Writes some of the bytes to a file and returns how many; what tests put in the place of the real. */
export type WriteSome = (fd: number, bytes: Uint8Array) => number;

/** A file that lines are added to, readable to its owner alone. */
export class AuditFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #log: Logger;
  readonly #writeSome: WriteSome;
  /** Lines, the first perhaps the rest of one, that are not in the file yet. */
  readonly #waiting: Buffer[] = [];
  #isFailing = false;

  /** @throws LockstepError OUTPUT_UNWRITABLE, DISK_FULL */
  constructor(path: string, log: Logger, writeSome: WriteSome = writeSync) {
    this.#path = path;
    this.#log = log;
    this.#writeSome = writeSome;
    try {
      this.#fd = openSync(path, 'a', 0o600);
    } catch (cause) {
      throw writeError(path, cause, { field: '--audit-log' });
    }
  }

  /** Adds a line. One that finds no room among those that wait is told to the coordinator's log instead. */
  write(line: string): void {
    if (this.#waiting.length < MAX_WAITING_LINES) this.#waiting.push(Buffer.from(line));
    else this.#log.error({ audit: line.trimEnd() }, 'a line that the audit log has no room for');
    this.flush();
  }

  /** Writes what waits. @returns whether all lines are in the file */
  flush(): boolean {
    try {
      for (let line = this.#waiting[0]; line; line = this.#waiting[0]) {
        const written = this.#writeSome(this.#fd, line);
        if (written < line.length) this.#waiting[0] = line.subarray(written);
        else this.#waiting.shift();
      }
    } catch (cause) {
      this.#fails(cause);
      return false;
    }
    if (this.#isFailing) this.#log.warn({ path: this.#path }, 'the audit log is written again: no line was lost');
    this.#isFailing = false;
    return true;
  }

  close(): void {
    this.flush();
    for (const line of this.#waiting.splice(0)) {
      this.#log.error({ audit: line.toString().trimEnd() }, 'a line that the audit log has no room for');
    }
    closeSync(this.#fd);
  }

  #fails(cause: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { message } = writeError(this.#path, cause, { field: '--audit-log' });
    const { code, fix } = new LockstepError('AUDIT_UNAVAILABLE');
    this.#log.error({ code }, `${message} Calls that change jobs are refused. ${fix}`);
  }
}
