/** Reads the NATS headers of a parameter chunk. */
import type { ChunkHeader } from '../core/parameters/chunk.js';

const COUNTS = ['leadershipEpoch', 'version', 'chunk', 'count', 'offset', 'crc32'] as const;

/** The header of a chunk, or null when a field is absent or not a number. */
export function readChunkHeader(fields: ReadonlyMap<string, string>): ChunkHeader | null {
  const job = fields.get('job');
  if (fields.get('dtype') !== 'float32' || !job) return null;
  const numbers: Record<string, number> = {};
  for (const name of COUNTS) {
    const text = fields.get(name);
    const value = Number(text);
    if (!text || !Number.isSafeInteger(value) || value < 0) return null;
    numbers[name] = value;
  }
  const { leadershipEpoch, version, chunk, count, offset, crc32 } = numbers as Record<(typeof COUNTS)[number], number>;
  return { job, leadershipEpoch, version, chunk, count, offset, dtype: 'float32', crc32 };
}
