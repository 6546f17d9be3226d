import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../errors/lockstep-error.js';
import { decodeShard, encodeShard, ROWS_PER_SHARD, type Shard, type ShardColumn } from './shard-format.js';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'é', '\ufeffmark', '𝄞', 'a,b\n"c"\u0000'));

function column(rowCount: number): fc.Arbitrary<ShardColumn> {
  const numbers = (width: number) => ({ minLength: rowCount * width, maxLength: rowCount * width });
  const numeric = fc.integer({ min: 1, max: 5 }).chain((width) =>
    fc.oneof(
      fc.record({
        name: text,
        type: fc.constant('float32' as const),
        width: fc.constant(width),
        data: fc.float32Array(numbers(width)),
      }),
      fc.record({
        name: text,
        type: fc.constant('float64' as const),
        width: fc.constant(width),
        data: fc.float64Array(numbers(width)),
      }),
    ),
  );
  const strings = fc.record({
    name: text,
    type: fc.constant('string' as const),
    width: fc.constant(1 as const),
    data: fc.array(text, numbers(1)),
  });
  return fc.oneof(numeric, strings);
}

const shard: fc.Arbitrary<Shard> = fc
  .nat(20)
  .chain((rowCount) =>
    fc.record({ rowCount: fc.constant(rowCount), columns: fc.array(column(rowCount), { maxLength: 4 }) }),
  );

const SAMPLE: Shard = {
  rowCount: 3,
  columns: [
    { name: 'features', type: 'float32', width: 2, data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'age', type: 'float64', width: 1, data: Float64Array.of(0.1, Number.NaN, -0) },
    { name: 'city', type: 'string', width: 1, data: ['Zürich', '', 'Köln'] },
  ],
};

/** A shard whose header is replaced and whose checksum is right, as only a wrong writer makes it. */
function withHeader(
  change: (header: { rowCount: unknown; columns: Record<string, unknown>[] }) => unknown,
): Uint8Array {
  const bytes = encodeShard(SAMPLE, crc32);
  const length = Buffer.from(bytes).readUInt32LE(8);
  const body = bytes.subarray(Math.ceil((16 + length) / 64) * 64);
  const header = Buffer.from(
    JSON.stringify(change(JSON.parse(Buffer.from(bytes.subarray(16, 16 + length)).toString()))),
  );
  const bodyStart = Math.ceil((16 + header.length) / 64) * 64;
  const out = Buffer.alloc(bodyStart + body.length);
  out.write('LKSHARD1');
  out.writeUInt32LE(header.length, 8);
  header.copy(out, 16);
  out.set(body, bodyStart);
  out.writeUInt32LE(crc32(out.subarray(16)), 12);
  return out;
}

function refusal(bytes: Uint8Array): unknown {
  try {
    decodeShard(bytes, crc32);
    return null;
  } catch (thrown) {
    return thrown;
  }
}

describe('a shard', () => {
  it('comes back as it was written, also from a Buffer that starts anywhere', () => {
    fc.assert(
      fc.property(shard, fc.nat(63), (written, shift) => {
        const bytes = encodeShard(written, crc32);
        const inside = Buffer.alloc(bytes.length + shift);
        inside.set(bytes, shift);
        expect(decodeShard(bytes, crc32)).toEqual(written);
        expect(decodeShard(inside.subarray(shift), crc32)).toEqual(written);
      }),
    );
  });

  it('keeps each number bit for bit, NaN and -0 too', () => {
    const age = decodeShard(encodeShard(SAMPLE, crc32), crc32).columns[1]!.data;
    expect(Object.is(age[2], -0)).toBe(true);
    expect(age[1]).toBeNaN();
    expect(age[0]).toBe(0.1);
  });

  it('gives columns memory of their own', () => {
    const bytes = Buffer.from(encodeShard(SAMPLE, crc32));
    const decoded = decodeShard(bytes, crc32);
    bytes.fill(0);
    expect(decoded).toEqual(SAMPLE);
  });

  it('starts every column on a 64-byte boundary', () => {
    const bytes = Buffer.from(encodeShard(SAMPLE, crc32));
    const headerLength = bytes.readUInt32LE(8);
    const header = JSON.parse(bytes.subarray(16, 16 + headerLength).toString());
    const bodyStart = Math.ceil((16 + headerLength) / 64) * 64;
    expect(header.columns.map(({ offset }: { offset: number }) => offset)).toEqual([0, 64, 128]);
    expect(bytes.readFloatLE(bodyStart + 4)).toBe(2);
    expect(bytes.readDoubleLE(bodyStart + 64)).toBe(0.1);
    expect([0, 4, 8].map((at) => bytes.readUInt32LE(bodyStart + 128 + at))).toEqual([7, 0, 5]);
    expect(ROWS_PER_SHARD).toBe(8192);
  });

  it('is refused by the writer when a column has another number of rows', () => {
    expect(() => encodeShard({ ...SAMPLE, rowCount: 4 }, crc32)).toThrow('features has 6 values for 4 rows');
  });
});

describe('a damaged shard', () => {
  it('is refused with PROTOCOL_VIOLATION wherever one bit flips', () => {
    const bytes = encodeShard(SAMPLE, crc32);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(refusal(damaged), `bit ${bit}`).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    }
  });

  it('is refused wherever it is cut', () => {
    const bytes = encodeShard(SAMPLE, crc32);
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length)), `${length} bytes`).toBeInstanceOf(LockstepError);
    }
  });

  it('never makes the reader fail in another way, even with a right checksum', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.integer({ min: -70, max: 1_000 }), fc.constantFrom(1e300, 2 ** 53));
    const key = fc.constantFrom('name', 'type', 'width', 'offset', 'bytes');
    fc.assert(
      fc.property(fc.nat(2), key, odd, fc.option(odd), (index, field, value, rowCount) => {
        const bytes = withHeader(({ rowCount: kept, columns }) => {
          columns[index]![field] = value;
          return { rowCount: rowCount ?? kept, columns };
        });
        const thrown = refusal(bytes);
        if (thrown !== null) expect(thrown).toBeInstanceOf(LockstepError);
      }),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(odd, (header) => {
        expect(refusal(withHeader(() => header))).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
        expect(refusal(withHeader(() => ({ rowCount: 1, columns: [header] })))).toBeInstanceOf(LockstepError);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(refusal(bytes)).toBeInstanceOf(LockstepError);
      }),
    );
  });

  it('names the column that runs past the end of the file, or whose text runs past its own', () => {
    for (const size of [1_000, 20]) {
      const bytes = withHeader(({ rowCount, columns }) => {
        columns[2]!.bytes = size;
        return { rowCount, columns };
      });
      expect(refusal(bytes), `${size} bytes`).toMatchObject({ message: expect.stringContaining('column city is cut') });
    }
  });
});
