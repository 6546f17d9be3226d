/** Two buffers of parameters: the committed version, and the next one while it is written. */
import { PARAMETER_VECTORS } from '@lockstep/protocol';
import type { ParameterBroadcast } from './ports.js';

/** Where versions lie: version v in vector v mod 2. */
export interface VersionMemory {
  readonly vectors: readonly Float32Array[];
  /** Says which version a vector holds; null while it is written. */
  mark(vector: number, version: number | null): void;
}

/** Memory that nobody else sees. */
export function ownMemory(elementCount: number): VersionMemory {
  return {
    vectors: Array.from({ length: PARAMETER_VECTORS }, () => new Float32Array(elementCount)),
    mark: () => {},
  };
}

/** What versions are made of. */
export interface VersionOptions {
  readonly leadershipEpoch: number;
  /** Version to begin with: 0, or that of a checkpoint. Its vector holds it already. */
  readonly version: number;
  readonly memory: VersionMemory;
  readonly broadcast: ParameterBroadcast;
  /** Whether a worker has no other way to a version; asked at each one. @default always */
  readonly needsBroadcast?: () => boolean;
  readonly onBytes: (bytes: number) => void;
}

/** Versions of one job's parameters under one leadership. */
export class ParameterVersions {
  readonly #options: VersionOptions;
  #version: number;
  /** Null where the version was not broadcast and nobody has asked. */
  #digest: number | null = null;
  /** Settles when the vector of the version before may be written again. */
  #sent: Promise<unknown> = Promise.resolve();

  constructor(options: VersionOptions) {
    this.#options = options;
    this.#version = options.version;
  }

  get leadershipEpoch(): number {
    return this.#options.leadershipEpoch;
  }

  /** The committed version's number: that of finished steps, until a checkpoint is gone back to. */
  get version(): number {
    return this.#version;
  }

  /** CRC-32 over the committed version's chunk tuples. */
  get digest(): number {
    this.#digest ??= this.#options.broadcast.digest(this.current);
    return this.#digest;
  }

  /** The committed version. */
  get current(): Float32Array {
    return this.#vector(this.#version);
  }

  /** Shows the first version. */
  start(): Promise<void> {
    return this.#publish();
  }

  /** The buffer that the next version is written to; the committed one stays readable, the one before is void. */
  next(): Float32Array {
    this.#options.memory.mark(placeOf(this.#version + 1), null);
    return this.#vector(this.#version + 1);
  }

  /** Makes the written version the committed one and shows it; the last of it may still be on its way. */
  commit(): Promise<void> {
    this.#version++;
    return this.#publish();
  }

  /** Makes other parameters, or the same again, the next version. */
  async replace(parameters: Float32Array): Promise<void> {
    this.next().set(parameters);
    await this.commit();
  }

  async #publish(): Promise<void> {
    const { leadershipEpoch, memory, broadcast, needsBroadcast = () => true, onBytes } = this.#options;
    this.#digest = null;
    memory.mark(placeOf(this.#version), this.#version);
    const before = this.#sent;
    if (needsBroadcast()) {
      const { digest, bytes, sent } = await broadcast.publish(leadershipEpoch, this.#version, this.current);
      this.#digest = digest;
      this.#sent = sent;
      onBytes(bytes);
    }
    await before;
  }

  #vector(version: number): Float32Array {
    return this.#options.memory.vectors[placeOf(version)] as Float32Array;
  }
}

function placeOf(version: number): number {
  return version % PARAMETER_VECTORS;
}
