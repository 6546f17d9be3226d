/** Over which link each worker of a job trains: shared memory where the job is large enough and the worker can, else the network. */
import type { HostAnswer__Output, HostOffer, SharedMemoryProvider } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { ResolvedJobSpec } from '@lockstep/spec';
import { gradientSlots } from './core/gradient-slots.js';
import { lifeOf, type WorkerKey } from './core/lane-state.js';
import { HostLink } from './host-link.js';
import { HOST_LINK_ABOVE_BYTES } from './limits.js';
import { ownMemory, type VersionMemory } from './parameter-versions.js';

/** How a worker is reached. */
export type LinkKind = 'host' | 'network';

/** What a link is chosen by. */
export interface LinkOptions {
  readonly spec: ResolvedJobSpec;
  readonly elementCount: number;
  /** Shared memory of this machine. */
  readonly memory: () => Promise<SharedMemoryProvider>;
  /** Told why shared memory is not used where it was to be. */
  readonly note: (message: string) => void;
  /** Told of payload bytes that went through shared memory. */
  readonly onBytes: (direction: 'in' | 'out', bytes: number) => void;
}

/** The links of one job. */
export class JobLink implements VersionMemory {
  readonly #options: LinkOptions;
  readonly #host: HostLink | null;
  readonly #own: VersionMemory | null;
  readonly #network = new Set<string>();
  readonly #used = new Set<LinkKind>();

  private constructor(options: LinkOptions, host: HostLink | null) {
    this.#options = options;
    this.#host = host;
    this.#own = host ? null : ownMemory(options.elementCount);
  }

  /** Chooses. @throws LockstepError HOST_LINK_UNAVAILABLE where `run.link` is `host` and this machine cannot */
  static async open(options: LinkOptions): Promise<JobLink> {
    const { spec, elementCount, memory, note } = options;
    const { link, workers, maxWorkers = workers } = spec.run;
    const isSmall = elementCount * Float32Array.BYTES_PER_ELEMENT <= HOST_LINK_ABOVE_BYTES;
    if (link === 'network' || (link === 'auto' && isSmall)) return new JobLink(options, null);
    try {
      const slotCount = gradientSlots(spec.train.lanes, Math.min(workers, maxWorkers));
      return new JobLink(options, await HostLink.open(await memory(), { elementCount, slotCount }));
    } catch (thrown) {
      const error = LockstepError.from(thrown);
      if (link === 'host' || error.code !== 'HOST_LINK_UNAVAILABLE') throw error;
      note(`${error.message} The network link is used.`);
      return new JobLink(options, null);
    }
  }

  /** What plans offer; null where nothing is. */
  get offer(): HostOffer | null {
    return this.#host?.offer ?? null;
  }

  get vectors(): readonly Float32Array[] {
    return this.#memory.vectors;
  }

  mark(vector: number, version: number | null): void {
    this.#memory.mark(vector, version);
    const { length } = this.vectors[vector] as Float32Array;
    if (version !== null && this.#host) this.#options.onBytes('out', length * Float32Array.BYTES_PER_ELEMENT);
  }

  /** Whether a worker that is ready needs the broadcast. */
  get needsBroadcast(): boolean {
    return this.#network.size > 0;
  }

  /** Links that workers were taken in over, in words. */
  get used(): string {
    return [...this.#used].sort().join(', ');
  }

  /** Takes a worker in. @throws LockstepError HOST_LINK_UNAVAILABLE where it must share memory and cannot */
  admit(worker: WorkerKey, answer: HostAnswer__Output | null): LinkKind {
    const kind = this.#kindOf(worker, answer);
    if (kind === 'network') this.#network.add(lifeOf(worker));
    this.#used.add(kind);
    return kind;
  }

  /** Whether a worker reads and writes shared memory. */
  isHost(worker: WorkerKey): boolean {
    return this.#host?.has(worker) ?? false;
  }

  /** The vector in a worker's slot. @throws LockstepError PROTOCOL_VIOLATION where there is none */
  gradient(worker: WorkerKey, slot: number): Float32Array {
    if (!this.#host) throw new LockstepError('PROTOCOL_VIOLATION', { message: 'This job shares no memory.' });
    const gradient = this.#host.gradient(worker, slot);
    this.#options.onBytes('in', gradient.byteLength);
    return gradient;
  }

  /** A worker is gone. */
  lost(worker: WorkerKey): void {
    this.#network.delete(lifeOf(worker));
    this.#host?.lost(worker);
  }

  /** Gives all shared memory back, once nothing of the job reads it. */
  close(): void {
    this.#host?.close();
  }

  #kindOf(worker: WorkerKey, answer: HostAnswer__Output | null): LinkKind {
    if (!this.#host || !answer) return 'network';
    try {
      this.#host.admit(worker, answer);
      return 'host';
    } catch (thrown) {
      const error = LockstepError.from(thrown);
      if (this.#options.spec.run.link === 'host') throw error;
      this.#options.note(`${worker.workerId}: ${error.message} It uses the network link.`);
      return 'network';
    }
  }

  get #memory(): VersionMemory {
    return (this.#host ?? this.#own) as VersionMemory;
  }
}
