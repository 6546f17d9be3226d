/** Two buffers of parameters: the committed version, and the next one while it is written. */
import type { ParameterBroadcast } from './ports.js';

/** Versions of one job's parameters under one leadership. */
export class ParameterVersions {
  readonly leadershipEpoch: number;
  readonly #broadcast: ParameterBroadcast;
  readonly #onBytes: (bytes: number) => void;
  #current: Float32Array;
  #spare: Float32Array;
  #version: number;
  #digest = 0;

  /** @param first version to begin with: 0, or that of a checkpoint */
  constructor(
    leadershipEpoch: number,
    first: { readonly version: number; readonly parameters: Float32Array },
    broadcast: ParameterBroadcast,
    onBytes: (bytes: number) => void,
  ) {
    this.leadershipEpoch = leadershipEpoch;
    this.#broadcast = broadcast;
    this.#onBytes = onBytes;
    this.#version = first.version;
    this.#current = first.parameters;
    this.#spare = new Float32Array(first.parameters.length);
  }

  /** The committed version's number: that of finished steps, until a checkpoint is gone back to. */
  get version(): number {
    return this.#version;
  }

  /** CRC-32 over the committed version's chunk tuples. */
  get digest(): number {
    return this.#digest;
  }

  /** The committed version. */
  get current(): Float32Array {
    return this.#current;
  }

  /** Broadcasts the first version. */
  async start(): Promise<void> {
    await this.#publish(this.#current, this.#version);
  }

  /** The buffer that the next version is written to; the committed one stays readable. */
  next(): Float32Array {
    return this.#spare;
  }

  /** Makes the written version the committed one and broadcasts it. */
  async commit(): Promise<void> {
    [this.#current, this.#spare] = [this.#spare, this.#current];
    this.#version++;
    await this.#publish(this.#current, this.#version);
  }

  /** Makes other parameters, or the same again, the next version. */
  async replace(parameters: Float32Array): Promise<void> {
    this.#spare.set(parameters);
    await this.commit();
  }

  async #publish(flat: Float32Array, version: number): Promise<void> {
    const { digest, bytes } = await this.#broadcast.publish(this.leadershipEpoch, version, flat);
    this.#digest = digest;
    this.#onBytes(bytes);
  }
}
