/**
 * TensorBoard's file of one job in a folder. What is dropped goes with its file: a reader that follows would take what
 * comes in its place for damage, and reads a new file from its beginning.
 */
import { type FileHandle, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '@lockstep/data';
import { EVENT_FILE_NAME, eventFileName } from '@lockstep/protocol/core';
import { makeFolder, syncFolder } from '@lockstep/protocol/disk';
import { type EventPlace, isAfter, placeOf } from '../core/tensorboard/events.js';
import { encodeRecord, readRecords } from '../core/tensorboard/records.js';
import type { Clock, EventFile } from '../ports.js';
import { writeAtomic } from './atomic-file.js';

/** A new file before it has its name, which TensorBoard passes over. */
const UNNAMED = 'unnamed';

/** Path of the newest event file in a folder; null where there is none. */
export async function findEventFile(folder: string): Promise<string | null> {
  const name = (await ownNames(folder)).at(-1);
  return name === undefined ? null : join(folder, name);
}

/** The folder; it is made with the file. */
export class EventFolder implements EventFile {
  readonly #folder: string;
  readonly #clock: Clock;
  #path = '';
  #file: FileHandle | null = null;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async goOnFrom(place: EventPlace, head: () => readonly Uint8Array[]): Promise<void> {
    await this.close();
    const names = await ownNames(this.#folder);
    const name = names.at(-1);
    this.#path = join(this.#folder, name ?? '');
    try {
      const before = name === undefined || place.stage === 'start' ? null : await readFile(this.#path);
      const kept = before && keptBytes(before as Uint8Array, place);
      if (!before || !kept) await this.#begin(name, head().map(encodeRecord));
      else await this.#begin(name, [before.subarray(0, kept)]);
      for (const other of names) {
        const path = join(this.#folder, other);
        if (path !== this.#path) await rm(path, { force: true });
      }
      this.#file = await open(this.#path, 'a');
    } catch (cause) {
      throw diskError(this.#path, cause);
    }
  }

  async append(payloads: readonly Uint8Array[]): Promise<void> {
    try {
      if (payloads.length > 0) await this.#file?.writeFile(Buffer.concat(payloads.map(encodeRecord)));
    } catch (cause) {
      throw diskError(this.#path, cause);
    }
  }

  async sync(): Promise<void> {
    try {
      await this.#file?.sync();
    } catch (cause) {
      throw diskError(this.#path, cause);
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** @param last name of the newest file that is there */
  async #begin(last: string | undefined, pieces: readonly Uint8Array[]): Promise<void> {
    const taken = last === undefined ? 0 : Number(EVENT_FILE_NAME.exec(last)?.[1]) + 1;
    this.#path = join(this.#folder, eventFileName(Math.max(taken, this.#clock.unixSeconds())));
    await makeFolder(this.#folder);
    const unnamed = join(this.#folder, UNNAMED);
    await writeAtomic(unnamed, pieces);
    await rename(unnamed, this.#path);
    await syncFolder(this.#folder);
  }
}

/** Event files, the newest last. */
async function ownNames(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => EVENT_FILE_NAME.test(name)).sort();
}

/** How much of a file is whole and not after a place; null where it does not begin as one. */
function keptBytes(bytes: Uint8Array, place: EventPlace): number | null {
  let kept: number | null = null;
  for (const { payload, end } of readRecords(bytes)) {
    const found = placeOf(payload);
    if (!found || (kept === null && found.stage !== 'start') || isAfter(found, place)) break;
    kept = end;
  }
  return kept;
}
