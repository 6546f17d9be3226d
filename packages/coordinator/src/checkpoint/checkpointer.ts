/** Writes checkpoints of a running job beside its steps, one at a time, and keeps the newest and the best. */
import { inTurns } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { EpochRow } from '../core/history.js';
import { firstNotFinite } from '../core/non-finite.js';
import type { CheckpointStore, Clock } from '../ports.js';
import type { Checkpoint } from './checkpoint.js';

/** How checkpoints are written. */
export interface CheckpointerOptions {
  readonly store: CheckpointStore;
  readonly clock: Clock;
  readonly stepsPerEpoch: number;
  /** Seconds between two of them inside an epoch. */
  readonly everySeconds: number;
  /** How many are kept, besides that of the best epoch. */
  readonly keep: number;
  readonly onSaved: (step: number) => void;
  /** A checkpoint could not be written; training goes on. */
  readonly onFailed: (step: number, error: LockstepError) => void;
}

/** Checkpoints of one job. */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #writing: Promise<void> = Promise.resolve();
  #beganMs: number;
  #saved: number[] = [];
  /** Place of the newest one that is on the disk. */
  #written: { readonly step: number; readonly epochs: number } | null = null;
  /** The newest one, where none could be written so far. */
  #unwritten: Checkpoint | null = null;

  /** @param resumed what the job goes on from */
  constructor(options: CheckpointerOptions, resumed: Checkpoint | null) {
    this.#options = options;
    this.#beganMs = options.clock.nowMs();
    if (resumed) this.#saved.push(resumed.step);
  }

  /** Whether it is time for one. */
  get isDue(): boolean {
    return this.#options.clock.nowMs() - this.#beganMs >= this.#options.everySeconds * 1000;
  }

  /**
   * Begins to write a state, whose vectors must not change any more, once the one before is written. One whose
   * parameters are not finite is left out: nothing could go on from it; so is one that is on the disk already.
   */
  async begin(checkpoint: Checkpoint): Promise<void> {
    await this.#writing;
    this.#beganMs = this.#options.clock.nowMs();
    const { step, history } = checkpoint;
    if (this.#written?.step === step && this.#written.epochs === history.length) return;
    if ((await inTurns(firstNotFinite(checkpoint.parameters))) < checkpoint.parameters.length) return;
    this.#writing = this.#write(checkpoint);
  }

  /** Settles when everything that was begun is on the disk, or could not be written. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /**
   * The newest one that can be read, once all are written; where none could be written so far, the newest as it is in
   * memory. @param onDamaged told of each that was passed over
   */
  async newest(onDamaged: (path: string, why: string) => void): Promise<Checkpoint | null> {
    await this.#writing;
    // What was written may be one that can't be read, and is to be written again.
    this.#written = null;
    return (await this.#options.store.newest(onDamaged)) ?? this.#unwritten;
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    const { store, keep, stepsPerEpoch, onSaved, onFailed } = this.#options;
    const { step, history } = checkpoint;
    try {
      await store.save(checkpoint);
      this.#saved = [...this.#saved.filter((other) => other !== step), step].slice(-keep);
      this.#unwritten = null;
      this.#written = { step, epochs: history.length };
      onSaved(step);
      await store.keep(new Set([...this.#saved, bestEpoch(checkpoint) * stepsPerEpoch]));
    } catch (thrown) {
      if (this.#saved.length === 0) this.#unwritten = checkpoint;
      onFailed(step, LockstepError.from(thrown));
    }
  }
}

/**
 * The best epoch: that of early stopping once it has one, else the one with the lowest validation loss, or training
 * loss where nothing is held out; 0 before the first.
 */
function bestEpoch({ history, stopping }: Checkpoint): number {
  if (stopping.bestEpoch > 0) return stopping.bestEpoch;
  const lossOf = ({ metrics }: EpochRow): number => metrics.validation_loss ?? metrics.loss ?? Number.NaN;
  let best: EpochRow | null = null;
  for (const row of history) {
    if (best === null || Number.isNaN(lossOf(best)) || lossOf(row) < lossOf(best)) best = row;
  }
  return best?.epoch ?? 0;
}
