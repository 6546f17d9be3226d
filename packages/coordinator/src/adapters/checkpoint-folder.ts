/** Checkpoints of one job in a folder: one file each, whole or not there, the newest valid one found by reading. */
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { decodeCheckpoint, encodeCheckpoint } from '../checkpoint/codec.js';
import type { CheckpointStore } from '../ports.js';
import { PARTIAL, writeAtomic } from './atomic-file.js';

const NAME = /^step-(\d{10})\.ckpt$/;

/** The folder; it is made with the first checkpoint. */
export class CheckpointFolder implements CheckpointStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  save(checkpoint: Checkpoint): Promise<void> {
    return writeAtomic(this.#pathOf(checkpoint.step), encodeCheckpoint(checkpoint));
  }

  async newest(onDamaged: (path: string, why: string) => void): Promise<Checkpoint | null> {
    const damaged: string[] = [];
    await this.#sweep();
    for (const step of (await this.steps()).reverse()) {
      const path = this.#pathOf(step);
      try {
        const checkpoint = await readCheckpoint(path);
        if (checkpoint.step !== step) throw new Error(`it is of step ${checkpoint.step}`);
        return checkpoint;
      } catch (thrown) {
        const why = thrown instanceof Error ? thrown.message : String(thrown);
        damaged.push(path);
        onDamaged(path, why);
      }
    }
    if (damaged.length === 0) return null;
    const message = `No checkpoint in ${this.#directory} can be read (${damaged.length} tried).`;
    throw new LockstepError('CHECKPOINT_DAMAGED', { message, field: 'checkpoints', value: this.#directory });
  }

  async keep(wanted: ReadonlySet<number>): Promise<void> {
    for (const step of await this.steps()) if (!wanted.has(step)) await rm(this.#pathOf(step), { force: true });
  }

  /** Steps that have a file, ascending. */
  async steps(): Promise<number[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const steps = names.flatMap((name) => {
      const digits = NAME.exec(name)?.[1];
      return digits ? [Number(digits)] : [];
    });
    return steps.sort((left, right) => left - right);
  }

  /** Removes what an earlier coordinator was writing when it died. */
  async #sweep(): Promise<void> {
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names) if (name.endsWith(PARTIAL)) await rm(join(this.#directory, name), { force: true });
  }

  #pathOf(step: number): string {
    return join(this.#directory, `step-${String(step).padStart(10, '0')}.ckpt`);
  }
}

async function readCheckpoint(path: string): Promise<Checkpoint> {
  const file = await open(path, 'r');
  try {
    const decoding = decodeCheckpoint((await file.stat()).size);
    for (;;) {
      const next = decoding.next();
      if (next.done) return next.value;
      await fill(next.value, file);
    }
  } finally {
    await file.close();
  }
}

async function fill(target: Uint8Array, file: FileHandle): Promise<void> {
  for (let at = 0; at < target.length; ) {
    const { bytesRead } = await file.read(target, at, target.length - at, null);
    if (bytesRead === 0) throw new Error('it is torn');
    at += bytesRead;
  }
}
