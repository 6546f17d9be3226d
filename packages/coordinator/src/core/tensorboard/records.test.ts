import { describe, expect, it } from 'vitest';
import { encodeRecord, readRecords } from './records.js';

const payloads = [Uint8Array.of(), Uint8Array.of(1, 2, 3), new Uint8Array(300).fill(7)];
const file = Buffer.concat(payloads.map(encodeRecord));
const read = (bytes: Uint8Array): number[][] => [...readRecords(bytes)].map(({ payload }) => [...payload]);
const all = payloads.map((payload) => [...payload]);

describe('records', () => {
  it('are framed as TensorFlow frames them', () => {
    expect(Buffer.from(encodeRecord(new Uint8Array(24))).toString('hex', 0, 8)).toBe('1800000000000000');
    // Mask and polynomial, by the example of RFC 3720 B.4: 32 zeros have the CRC-32C 0x8a9136aa.
    const masked = (((0x8a9136aa >>> 15) | (0x8a9136aa << 17)) + 0xa282ead8) >>> 0;
    expect(Buffer.from(encodeRecord(new Uint8Array(32))).readUInt32LE(12 + 32)).toBe(masked);
  });

  it('come back up to the first that is torn', () => {
    expect(read(file)).toEqual(all);
    for (let length = 0; length < file.length; length++) {
      const found = read(file.subarray(0, length));
      expect(found).toEqual(all.slice(0, found.length));
      expect(found.length).toBe([16, 35].filter((end) => end <= length).length);
    }
  });

  it('come back up to the first that is damaged', () => {
    for (let index = 0; index < file.length; index++) {
      const damaged = Buffer.from(file);
      damaged[index]! ^= 4;
      expect(read(damaged)).toEqual(all.slice(0, [16, 35].filter((end) => end <= index).length));
    }
  });

  it('of a file that lies inside another buffer are the same', () => {
    const whole = Buffer.concat([Buffer.alloc(5), file]);
    expect(read(whole.subarray(5))).toEqual(all);
  });
});
