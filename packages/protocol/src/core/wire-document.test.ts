import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_CHUNK_BYTES } from '../limits.js';
import { GRADIENT_FORMATS } from './gradients/format.js';
import { MAX_FRAME_BYTES } from './gradients/frame.js';
import { DEFAULT_WINDOW_ROWS } from './lanes/sampling.js';
import { type ChunkHeader, chunkRanges, versionDigest } from './parameters/chunk.js';
import { decodeShard, encodeShard, ROWS_PER_SHARD, type Shard } from './shards/shard-format.js';

/** Cells without the padding that the formatter gives them. */
const TEXT = readFileSync(new URL('../../../../docs/wire.md', import.meta.url), 'utf8').replaceAll(/ +\|/g, ' |');

describe('docs/wire.md', () => {
  it('shows the chunks and the digest that the code makes', () => {
    const flat = Float32Array.from({ length: 16 }, (_, index) => index);
    const chunks = chunkRanges(flat.length, 40).map(({ start, end }, chunk) => {
      const sum = crc32(new Uint8Array(flat.slice(start, end).buffer));
      expect(TEXT).toContain(`| ${chunk} | ${start} | ${end - start} | ${sum} |`);
      return { chunk, offset: start, crc32: sum };
    });
    expect(TEXT).toContain(`The version's digest is ${versionDigest(chunks, crc32)}.`);
  });

  it('lists every header of a chunk', () => {
    const header: ChunkHeader = {
      job: '',
      leadershipEpoch: 0,
      version: 0,
      chunk: 0,
      count: 1,
      offset: 0,
      dtype: 'float32',
      crc32: 0,
    };
    const listed = [...TEXT.matchAll(/^\| `([a-zA-Z0-9]+)` \|/gm)].map(([, name]) => name);
    expect(listed).toEqual(Object.keys(header));
  });

  it('shows a shard as the code writes and reads it', () => {
    const shard: Shard = {
      rowCount: 2,
      columns: [
        { name: 'age', type: 'float64', width: 1, data: Float64Array.of(41, Number.NaN) },
        { name: 'city', type: 'string', width: 1, data: ['Köln', ''] },
      ],
    };
    const dump = /```\n([0-9a-f\n]+)```/.exec(TEXT)?.[1]?.replaceAll('\n', '') ?? '';
    expect(Buffer.from(encodeShard(shard, crc32)).toString('hex')).toBe(dump);
    expect(decodeShard(Buffer.from(dump, 'hex'), crc32)).toEqual(shard);
  });

  it('lists every format of gradients with its bytes', () => {
    const listed = [...TEXT.matchAll(/^- `([a-z0-9]+)`, (\d) bytes: /gm)].map(([, name, bytes]) => `${name} ${bytes}`);
    expect(listed).toEqual(Object.values(GRADIENT_FORMATS).map(({ name, elementBytes }) => `${name} ${elementBytes}`));
  });

  it('names the sizes that the code uses', () => {
    for (const size of [MAX_FRAME_BYTES, ROWS_PER_SHARD, DEFAULT_WINDOW_ROWS]) {
      expect(TEXT).toContain(size.toLocaleString('en-US'));
    }
    expect(TEXT).toContain(`min(${MAX_CHUNK_BYTES / 1024} KiB, \`max_payload\``);
  });
});
