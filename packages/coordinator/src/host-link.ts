/** The coordinator's side of the host link: parameters in memory that workers map, their gradients in memory of theirs. */
import { randomBytes } from 'node:crypto';
import {
  type HostAnswer__Output,
  type HostOffer,
  hostLinkUnavailable,
  PARAMETER_VECTORS,
  type SharedMemory,
  type SharedMemoryProvider,
  VectorMemory,
  vectorMemoryBytes,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { lifeOf, type WorkerKey } from './core/lane-state.js';
import type { VersionMemory } from './parameter-versions.js';

/** Memory of a worker in one incarnation. */
interface Gradients {
  readonly shared: SharedMemory;
  readonly slots: readonly Float32Array[];
}

/** Shared memory of one job. */
export class HostLink implements VersionMemory {
  readonly #memory: SharedMemoryProvider;
  readonly #parameters: SharedMemory;
  readonly #versions: VectorMemory;
  readonly #challenge = randomBytes(16).toString('hex');
  readonly #elementCount: number;
  readonly #slotCount: number;
  readonly #workers = new Map<string, Gradients>();
  /** Memory of lost workers: what they had delivered may be in the sum of the step that runs. */
  #left: SharedMemory[] = [];

  private constructor(
    memory: SharedMemoryProvider,
    parameters: SharedMemory,
    { elementCount, slotCount }: { readonly elementCount: number; readonly slotCount: number },
  ) {
    this.#memory = memory;
    this.#parameters = parameters;
    this.#elementCount = elementCount;
    this.#slotCount = slotCount;
    this.#versions = new VectorMemory(parameters.bytes, elementCount, PARAMETER_VECTORS);
    this.#versions.challenge = this.#challenge;
  }

  /** Reserves the parameters' memory. @throws LockstepError HOST_LINK_UNAVAILABLE */
  static async open(
    memory: SharedMemoryProvider,
    size: { readonly elementCount: number; readonly slotCount: number },
  ): Promise<HostLink> {
    return new HostLink(memory, await memory.create(vectorMemoryBytes(size.elementCount, PARAMETER_VECTORS)), size);
  }

  /** What workers are told of it. */
  get offer(): HostOffer {
    return { parametersPath: this.#parameters.path, gradientSlots: this.#slotCount };
  }

  get vectors(): readonly Float32Array[] {
    return this.#versions.vectors;
  }

  /** A version is whole where it is, so all attempts on the one before are over: what lost workers left can go. */
  mark(vector: number, version: number | null): void {
    this.#versions.mark(vector, version);
    if (version === null) return;
    for (const shared of this.#left) shared.discard();
    this.#left = [];
  }

  /** Takes a worker that has mapped the offer. @throws LockstepError HOST_LINK_UNAVAILABLE where it has not */
  admit(worker: WorkerKey, { challenge, gradientsPath, refusal }: HostAnswer__Output): void {
    const refused = { message: refusal, field: 'run.link', value: 'host' };
    if (refusal) throw new LockstepError('HOST_LINK_UNAVAILABLE', refused);
    if (challenge !== this.#challenge) throw hostLinkUnavailable('the worker has mapped other memory');
    const elementCount = this.#elementCount;
    const shared = this.#memory.open(gradientsPath, vectorMemoryBytes(elementCount, this.#slotCount), 'write');
    const gradients = new VectorMemory(shared.bytes, elementCount, this.#slotCount);
    if (gradients.challenge !== this.#challenge) {
      shared.close();
      throw hostLinkUnavailable('the worker shows other memory than its own');
    }
    this.#workers.set(lifeOf(worker), { shared, slots: gradients.vectors });
  }

  /** Whether a worker reads and writes shared memory. */
  has(worker: WorkerKey): boolean {
    return this.#workers.has(lifeOf(worker));
  }

  /** The vector in a worker's slot, counted from 1. @throws LockstepError PROTOCOL_VIOLATION where there is none */
  gradient(worker: WorkerKey, slot: number): Float32Array {
    const found = this.#workers.get(lifeOf(worker))?.slots[slot - 1];
    if (found) return found;
    throw new LockstepError('PROTOCOL_VIOLATION', { message: `A worker named slot ${slot}, which it does not have.` });
  }

  /** Nothing that a worker writes from now on is read. */
  lost(worker: WorkerKey): void {
    const gone = this.#workers.get(lifeOf(worker));
    this.#workers.delete(lifeOf(worker));
    if (gone) this.#left.push(gone.shared);
  }

  /** Gives all memory back. */
  close(): void {
    for (const { shared } of this.#workers.values()) shared.discard();
    for (const shared of this.#left) shared.discard();
    this.#workers.clear();
    this.#parameters.discard();
  }
}
