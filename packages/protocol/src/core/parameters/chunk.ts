/** Chunks of a parameter version as they are broadcast, and the digest of a whole version. */

/** CRC-32 (IEEE) of bytes, continuing from `seed`. Passed in, so that the core stays free of libraries. */
export type Crc32 = (bytes: Uint8Array, seed?: number) => number;

/** Names one state of a job's parameters: a new leadership comes to the same versions again. */
export interface VersionKey {
  readonly leadershipEpoch: number;
  readonly version: number;
}

/** Header of one broadcast chunk; its payload is little-endian float32. */
export interface ChunkHeader extends VersionKey {
  readonly job: string;
  /** 0-based. */
  readonly chunk: number;
  /** Chunks of this version. */
  readonly count: number;
  /** First element in the flat parameter vector. */
  readonly offset: number;
  readonly dtype: 'float32';
  /** CRC-32 of the payload. */
  readonly crc32: number;
}

/** Elements [start, end). */
export interface ElementRange {
  readonly start: number;
  readonly end: number;
}

/** Cuts a vector into ranges of at most `maxBytes` of float32; at least one, also for an empty vector. */
export function chunkRanges(elementCount: number, maxBytes: number): ElementRange[] {
  const perChunk = Math.max(1, Math.floor(maxBytes / 4));
  const ranges: ElementRange[] = [];
  for (let start = 0; start < elementCount || ranges.length === 0; start += perChunk) {
    ranges.push({ start, end: Math.min(elementCount, start + perChunk) });
  }
  return ranges;
}

/** Digest of a version: CRC-32 over its chunks' (chunk, offset, crc32) as little-endian uint32 triples, in order. */
export function versionDigest(
  chunks: readonly Pick<ChunkHeader, 'chunk' | 'offset' | 'crc32'>[],
  crc32: Crc32,
): number {
  const bytes = new Uint8Array(chunks.length * 12);
  const view = new DataView(bytes.buffer);
  [...chunks]
    .sort((a, b) => a.chunk - b.chunk)
    .forEach((chunk, index) => {
      view.setUint32(index * 12, chunk.chunk, true);
      view.setUint32(index * 12 + 4, chunk.offset, true);
      view.setUint32(index * 12 + 8, chunk.crc32, true);
    });
  return crc32(bytes);
}
