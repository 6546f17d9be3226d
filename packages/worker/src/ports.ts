/** What the worker's step code needs from outside; a simulation passes its own. */
import type { ShardInfo__Output, WantedVersion } from '@lockstep/protocol';
import type { Shard } from '@lockstep/protocol/core';

/** Monotonic time. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  nowMs(): number;
}

/** Versions of one job's parameters. */
export interface ParameterSource {
  /** The flat vector of a version once it is whole. @throws LockstepError when it can't be had in time */
  whenComplete(wanted: WantedVersion, timeoutMs: number): Promise<Float32Array>;
  /** Whether that version is still in memory, unharmed by a later one. */
  holds(wanted: WantedVersion): boolean;
}

/** Where a command's parameters are: in shared memory, or where the broadcast is received. */
export type ParameterLinks = (isHost: boolean) => ParameterSource;

/** Prepared data of one job. */
export interface ShardSource {
  /** A decoded shard whose SHA-256 was checked. */
  read(shard: ShardInfo__Output): Promise<Shard>;
  /** Whether `bytes` more stay in memory without driving out what is there. */
  hasRoom(bytes: number): boolean;
  /** Bytes of a file of the job, for example "model.onnx", checked against its SHA-256. */
  readFile(name: string, sha256: string): Promise<Uint8Array>;
}
