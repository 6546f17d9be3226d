/** The worker's side of the host link: parameters read where the coordinator writes them, gradients left in memory of its own. */
import {
  type HostAnswer,
  type HostOffer__Output,
  PARAMETER_VECTORS,
  type SharedMemory,
  type SharedMemoryProvider,
  VectorMemory,
  vectorMemoryBytes,
  type WantedVersion,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { ParameterSource } from '../ports.js';

/** Shared memory of one job in one incarnation. */
export interface HostLink {
  /** What the coordinator is told of it. */
  readonly answer: HostAnswer;
  readonly parameters: ParameterSource;
  /** Vectors that the coordinator reads; empty where memory is not shared. */
  readonly slots: readonly Float32Array[];
  close(): void;
}

/** What a link is opened with. */
export interface HostLinkOptions {
  readonly elementCount: number;
  readonly memory: () => Promise<SharedMemoryProvider>;
  /** Told of the bytes of each version that is read, for metrics. */
  readonly onBytes: (bytes: number) => void;
}

/** Maps what a plan offers. @returns why that cannot be had, where it is so */
export async function openHostLink(
  offer: HostOffer__Output,
  options: HostLinkOptions,
): Promise<HostLink | LockstepError> {
  const held: SharedMemory[] = [];
  try {
    const memory = await options.memory();
    const { elementCount } = options;
    const mapped = memory.open(offer.parametersPath, vectorMemoryBytes(elementCount, PARAMETER_VECTORS), 'read');
    held.push(mapped);
    const parameters = new VectorMemory(mapped.bytes, elementCount, PARAMETER_VECTORS);
    const made = await memory.create(vectorMemoryBytes(elementCount, offer.gradientSlots));
    held.push(made);
    const gradients = new VectorMemory(made.bytes, elementCount, offer.gradientSlots);
    gradients.challenge = parameters.challenge;
    return {
      answer: { challenge: parameters.challenge, gradientsPath: made.path },
      parameters: new HostParameters(parameters, options.onBytes),
      slots: gradients.vectors,
      // The coordinator may still read gradients of an earlier incarnation: it is the one that discards them.
      close: () => {
        for (const each of held) each.close();
      },
    };
  } catch (thrown) {
    for (const each of held) each.close();
    return LockstepError.from(thrown);
  }
}

/** Versions in the coordinator's memory, which one leadership has made. */
class HostParameters implements ParameterSource {
  readonly #memory: VectorMemory;
  readonly #onBytes: (bytes: number) => void;
  #newest = -1;

  constructor(memory: VectorMemory, onBytes: (bytes: number) => void) {
    this.#memory = memory;
    this.#onBytes = onBytes;
  }

  /** A version is whole before any command names it: one that is not there has been replaced. */
  async whenComplete(wanted: WantedVersion): Promise<Float32Array> {
    const vector = this.#memory.vectors[wanted.version % PARAMETER_VECTORS] as Float32Array;
    if (!this.holds(wanted)) {
      const message = `Version ${wanted.version} of the parameters was replaced before it was read.`;
      throw new LockstepError('LANE_FAILED', { message });
    }
    if (wanted.version > this.#newest) this.#onBytes(vector.byteLength);
    this.#newest = wanted.version;
    return vector;
  }

  holds({ version }: WantedVersion): boolean {
    return this.#memory.holds(version % PARAMETER_VECTORS, version);
  }
}
