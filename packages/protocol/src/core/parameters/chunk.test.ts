import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameRanges, MAX_FRAME_BYTES } from '../gradients/frame.js';
import { chunkRanges, versionDigest } from './chunk.js';

describe('chunks', () => {
  it('cut a vector into ranges of at most the given bytes, without gaps', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 400 }), (elementCount, maxBytes) => {
        const ranges = chunkRanges(elementCount, maxBytes);
        let next = 0;
        for (const { start, end } of ranges) {
          expect(start).toBe(next);
          expect((end - start) * 4).toBeLessThanOrEqual(Math.max(4, maxBytes));
          next = end;
        }
        expect(next).toBe(elementCount);
        expect(ranges.length).toBe(Math.max(1, Math.ceil(elementCount / Math.max(1, Math.floor(maxBytes / 4)))));
      }),
    );
  });

  it('have a digest over (chunk, offset, crc32) as little-endian words, whatever the order', () => {
    const chunks = [
      { chunk: 0, offset: 0, crc32: 0xdeadbeef },
      { chunk: 1, offset: 1024, crc32: 7 },
    ];
    const words = Buffer.alloc(24);
    [0, 0, 0xdeadbeef, 1, 1024, 7].forEach((word, index) => {
      words.writeUInt32LE(word, index * 4);
    });
    expect(versionDigest(chunks, crc32)).toBe(crc32(words));
    expect(versionDigest([...chunks].reverse(), crc32)).toBe(crc32(words));
    expect(versionDigest(chunks.slice(0, 1), crc32)).not.toBe(crc32(words));
  });
});

describe('gradient frames', () => {
  it('hold at most 256 KiB and are at least one', () => {
    expect(MAX_FRAME_BYTES).toBe(262_144);
    expect(frameRanges(0, 4)).toEqual([{ start: 0, end: 0 }]);
    expect(frameRanges(65_536, 4)).toEqual([{ start: 0, end: 65_536 }]);
    expect(frameRanges(65_552, 4)).toEqual([
      { start: 0, end: 65_536 },
      { start: 65_536, end: 65_552 },
    ]);
  });
});
