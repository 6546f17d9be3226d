/** Puts versions of the parameters together from chunks that may be late, double, torn or missing. */
import {
  type ChunkHeader,
  type Crc32,
  chunkRanges,
  type ElementRange,
  type VersionKey,
  versionDigest,
} from './chunk.js';

/** What an assembler is for. */
export interface AssemblerOptions {
  readonly job: string;
  readonly elementCount: number;
  readonly crc32: Crc32;
  /** Memory for a version, `elementCount` long. Called once per version; may hand out memory of dropped versions. */
  readonly buffer: (key: VersionKey) => Float32Array;
}

/** What became of one chunk. */
export interface ChunkOutcome {
  readonly accepted: boolean;
  /** Why it was refused; '' when accepted. */
  readonly reason: string;
  /** The version that this chunk made whole. */
  readonly completed: number | null;
}

interface PartialVersion {
  readonly flat: Float32Array;
  count: number;
  readonly chunks: Map<number, { offset: number; elements: number; crc32: number }>;
  digest: number | null;
  /** Filled by a refetch, whatever chunks arrived. */
  whole: boolean;
}

/** Versions held at once: the one in use and the next, which is all a step ever needs. */
const MAX_VERSIONS = 2;

/** One worker's view of a job's parameter versions. */
export class ParameterAssembler {
  readonly #options: AssemblerOptions;
  /** Versions of the newest leadership epoch. */
  readonly #versions = new Map<number, PartialVersion>();
  #leadershipEpoch = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /** Takes one chunk; copies the payload. Never throws on what a peer sent. */
  offer(header: ChunkHeader, payload: Uint8Array): ChunkOutcome {
    const reason = this.#refusal(header, payload);
    if (reason) return { accepted: false, reason, completed: null };
    const version = this.#open(header);
    if (version.whole) return { accepted: false, reason: 'already whole', completed: null };
    if (version.chunks.size === 0) version.count = header.count;
    if (version.count !== header.count) return { accepted: false, reason: 'another chunk count', completed: null };
    if (version.chunks.has(header.chunk)) return { accepted: false, reason: 'duplicate', completed: null };
    new Uint8Array(version.flat.buffer, version.flat.byteOffset + header.offset * 4, payload.length).set(payload);
    version.chunks.set(header.chunk, { offset: header.offset, elements: payload.length / 4, crc32: header.crc32 });
    const completed = this.#complete(version) ? header.version : null;
    return { accepted: true, reason: '', completed };
  }

  /** Whether every element of the version is there. */
  isComplete(key: VersionKey): boolean {
    return this.#find(key)?.whole === true;
  }

  /** Digest of a whole version that came by broadcast; null otherwise. */
  digest(key: VersionKey): number | null {
    return this.#find(key)?.digest ?? null;
  }

  /** The flat vector of a whole version. @throws Error when it is not whole */
  read(key: VersionKey): Float32Array {
    const held = this.#find(key);
    if (!held?.whole) throw new Error(`version ${key.version} is not whole`);
    return held.flat;
  }

  /** Element ranges of a version that no accepted chunk has covered. */
  missing(key: VersionKey): ElementRange[] {
    const held = this.#find(key);
    if (held?.whole) return [];
    const covered = [...(held?.chunks.values() ?? [])].sort((a, b) => a.offset - b.offset);
    const ranges: ElementRange[] = [];
    let next = 0;
    for (const { offset, elements } of covered) {
      if (offset > next) ranges.push({ start: next, end: offset });
      next = Math.max(next, offset + elements);
    }
    if (next < this.#options.elementCount) ranges.push({ start: next, end: this.#options.elementCount });
    return ranges;
  }

  /**
   * Writes refetched bytes of a version; a whole version stays as it is. Call {@link finishRefetch} once all missing
   * ranges are there.
   * @throws Error on bytes outside the parameters or of an older leadership epoch
   */
  fill(key: VersionKey, start: number, payload: Uint8Array): void {
    if (payload.length % 4 !== 0 || start < 0 || start + payload.length / 4 > this.#options.elementCount) {
      throw new Error(
        `refetched range ${start}+${payload.length / 4} is outside ${this.#options.elementCount} elements`,
      );
    }
    if (key.leadershipEpoch < this.#leadershipEpoch) throw new Error(`leadership epoch ${key.leadershipEpoch} is over`);
    const held = this.#open(key);
    if (held.whole) return;
    new Uint8Array(held.flat.buffer, held.flat.byteOffset + start * 4, payload.length).set(payload);
  }

  /** Marks a version whole after a refetch whose digest over `maxChunkBytes` chunks matches. @returns whether it does */
  finishRefetch(key: VersionKey, expectedDigest: number, maxChunkBytes: number): boolean {
    const held = this.#find(key);
    if (!held) return false;
    const chunks = chunkRanges(this.#options.elementCount, maxChunkBytes).map(({ start, end }, chunk) => ({
      chunk,
      offset: start,
      crc32: this.#options.crc32(new Uint8Array(held.flat.buffer, held.flat.byteOffset + start * 4, (end - start) * 4)),
    }));
    if (versionDigest(chunks, this.#options.crc32) !== expectedDigest) return false;
    held.whole = true;
    held.digest = expectedDigest;
    return true;
  }

  /** Forgets a version, for example one whose digest was wrong. */
  forget(key: VersionKey): void {
    if (this.#find(key)) this.#versions.delete(key.version);
  }

  #refusal(header: ChunkHeader, payload: Uint8Array): string {
    const { job, elementCount, crc32 } = this.#options;
    if (header.job !== job) return 'another job';
    if (!isCount(header.leadershipEpoch, 0) || !isCount(header.version, 0)) return 'bad version number';
    if (header.leadershipEpoch < this.#leadershipEpoch) return 'an older leadership epoch';
    const isSameEpoch = header.leadershipEpoch === this.#leadershipEpoch;
    if (isSameEpoch && header.version < this.#leastVersion()) return 'a version no longer needed';
    if (header.dtype !== 'float32') return 'another element type';
    if (!isCount(header.count, 1) || !isCount(header.chunk, 0) || header.chunk >= header.count)
      return 'bad chunk number';
    if (header.count > Math.max(1, elementCount)) return 'more chunks than elements';
    const elements = payload.length / 4;
    if (!isCount(header.offset, 0) || !Number.isInteger(elements) || header.offset + elements > elementCount) {
      return 'outside the parameters';
    }
    if (crc32(payload) !== header.crc32) return 'wrong checksum';
    return '';
  }

  /** A late chunk never takes the place of a version that is held, and perhaps read, now. */
  #leastVersion(): number {
    return this.#versions.size < MAX_VERSIONS ? 0 : Math.min(...this.#versions.keys());
  }

  #find({ leadershipEpoch, version }: VersionKey): PartialVersion | undefined {
    return leadershipEpoch === this.#leadershipEpoch ? this.#versions.get(version) : undefined;
  }

  #open(key: VersionKey): PartialVersion {
    if (key.leadershipEpoch > this.#leadershipEpoch) {
      this.#leadershipEpoch = key.leadershipEpoch;
      this.#versions.clear();
    }
    let held = this.#versions.get(key.version);
    if (!held) {
      while (this.#versions.size >= MAX_VERSIONS) this.#versions.delete(Math.min(...this.#versions.keys()));
      held = {
        flat: this.#options.buffer(key),
        count: 0,
        chunks: new Map(),
        digest: null,
        whole: false,
      };
      this.#versions.set(key.version, held);
    }
    return held;
  }

  #complete(version: PartialVersion): boolean {
    if (version.chunks.size !== version.count) return false;
    let covered = 0;
    for (let chunk = 0; chunk < version.count; chunk++) {
      const piece = version.chunks.get(chunk);
      if (piece?.offset !== covered) return false;
      covered += piece.elements;
    }
    if (covered !== this.#options.elementCount) return false;
    const chunks = [...version.chunks].map(([chunk, { offset, crc32 }]) => ({ chunk, offset, crc32 }));
    version.digest = versionDigest(chunks, this.#options.crc32);
    version.whole = true;
    return true;
  }
}

function isCount(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}
