/** The seam between the coordinator's logic and the world. */
import type { TrainRequest__Output, TrainResponse } from '@lockstep/protocol';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import type { Ending, WorkerKey } from './core/lane-state.js';
import type { EventPlace } from './core/tensorboard/events.js';
import type { ToldActivity } from './worker-activity.js';

/** Time as the coordinator sees it. */
export interface Clock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Wall clock in seconds; for display only. */
  unixSeconds(): number;
}

/** A joined worker with an open Train stream. */
export interface WorkerSession {
  readonly key: WorkerKey;
  readonly numericClass: string;
  /** What its engine computes on: "cpu", "cuda" or "webgpu". */
  readonly device: string;
  /** Its engine, by the name in a spec. */
  readonly engine: string;
  readonly reproducible: boolean;
  /** Of its process; the same in each life of one process. */
  readonly processNonce: string;
  /** Whether it may work for jobs of a namespace. */
  readonly serves: (namespace: string) => boolean;
  /** When its last word came. */
  readonly spokeMs: number;
  /** What it was at as of its newest heartbeat; null where it told nothing. */
  readonly told: ToldActivity | null;
  /** Sends a message; messages to a stream that has ended are dropped. */
  send(message: TrainResponse): void;
  /** Ends the worker's life here, as one that broke the protocol or hangs; it may join again. */
  end(why: string): void;
}

/** A process has joined; its stream is still to come. */
export interface WorkerJoined {
  readonly type: 'joined';
  readonly workerId: string;
  readonly processNonce: string;
}

/** What a worker did. */
export type WorkerEvent =
  | WorkerJoined
  | { readonly type: 'attached'; readonly session: WorkerSession }
  | { readonly type: 'detached'; readonly session: WorkerSession; readonly why: string; readonly ending: Ending }
  | { readonly type: 'message'; readonly session: WorkerSession; readonly message: TrainRequest__Output };

/** All workers with an open stream. */
export interface WorkerPool {
  readonly sessions: readonly WorkerSession[];
  /** Calls the listener for every event from now on. @returns what ends it */
  listen(listener: (event: WorkerEvent) => void): () => void;
}

/** The workers of one job, and free ones that no earlier job waits for. Messages come from those that it holds. */
export interface WorkerShare extends WorkerPool {
  /** All workers, whoever holds them. */
  readonly connected: readonly WorkerSession[];
  /** Whether workers that come are for this job: no other one holds a worker or has one kept for it, and its quota has room. */
  readonly isAlone: boolean;
  /**
   * Takes a worker; once held, it is no other job's.
   * @returns false when another job holds it or comes first; it is told as attached again when this job may have it
   */
  claim(session: WorkerSession): boolean;
  /** Lets a worker go to other jobs, or says that it is of no use. */
  release(session: WorkerSession): void;
  /** Lets all go. */
  close(): void;
}

/** Broadcasts parameters to all workers. */
export interface ParameterBroadcast {
  /** @returns the version's digest and payload bytes; `sent` settles when the vector may be written again */
  publish(
    leadershipEpoch: number,
    version: number,
    flat: Float32Array,
  ): Promise<{ readonly digest: number; readonly bytes: number; readonly sent: Promise<unknown> }>;
  /** The digest that a version would be broadcast with. */
  digest(flat: Float32Array): number;
}

/** Checkpoints of one job. */
export interface CheckpointStore {
  /** Writes one, whole or not at all. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  save(checkpoint: Checkpoint): Promise<void>;
  /**
   * The newest one that can be read, null where there is none.
   * @param onDamaged told of each that was passed over
   * @throws LockstepError CHECKPOINT_DAMAGED where there are some and none can be read
   */
  newest(onDamaged: (path: string, why: string) => void): Promise<Checkpoint | null>;
  /** Deletes all but those of the given steps. */
  keep(steps: ReadonlySet<number>): Promise<void>;
}

/** TensorBoard's file of one job. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE in every method but close */
export interface EventFile {
  /**
   * Drops what is torn and what came after a place; begins anew where nothing is left, and at the place "start".
   * @param head payloads that a new file begins with
   */
  goOnFrom(place: EventPlace, head: () => readonly Uint8Array[]): Promise<void>;
  append(payloads: readonly Uint8Array[]): Promise<void>;
  /** What was appended survives a crash once it settles. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
