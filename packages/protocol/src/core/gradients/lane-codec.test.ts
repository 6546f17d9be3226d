/** Tests of codecs with error feedback: what is sent, what is left, and that both sides agree to the last bit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../pieces.js';
import type { LaneCodec } from './lane-codec.js';
import { laneCodec } from './lane-codecs.js';

const FRACTION = 0.1;
const codecOf = (name: string, elementCount: number): LaneCodec =>
  laneCodec({ name, fraction: FRACTION }, elementCount) as LaneCodec;

function encoded(codec: LaneCodec, gradient: Float32Array, residual = new Float32Array(gradient.length)) {
  const vectors = { gradient: gradient.slice(), residual: residual.slice(), next: new Float32Array(gradient.length) };
  const codes = new Uint8Array(codec.codeBytes).fill(99);
  atOnce(codec.encode(vectors, codes));
  expect(vectors.residual).toEqual(residual);
  return { codes, sent: vectors.gradient, next: vectors.next };
}

/** Decodes codes that arrive in frames at odd places. */
function decoded(codec: LaneCodec, codes: Uint8Array, length: number): Float32Array {
  const into = new Float32Array(length).fill(7);
  const decoder = codec.decoder(into);
  for (let at = 0; at < codes.length; at += codec.frameBytes) {
    const frame = codes.subarray(at, at + codec.frameBytes);
    const odd = new Uint8Array(frame.length + 1);
    odd.set(frame, 1);
    decoder.take(odd.subarray(1));
  }
  expect(decoder.received).toBe(codec.codeBytes);
  return into;
}

const number = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(0, -0, 2 ** -149, -(2 ** -126), 3.4028234663852886e38, 1, -1),
);

describe.each(['int8', 'topK'])('%s', (name) => {
  it('both sides see the same, and it makes up the sum with what is left, exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 60 }), (pairs) => {
        const gradient = Float32Array.from(pairs, ([value]) => value);
        const residual = Float32Array.from(pairs, ([, value]) => value / 2);
        const total = gradient.map((value, index) => value + residual[index]!);
        if (!total.every(Number.isFinite)) return;
        const codec = codecOf(name, gradient.length);
        const { codes, sent, next } = encoded(codec, gradient, residual);
        expect(decoded(codec, codes, gradient.length)).toEqual(sent);
        sent.forEach((value, index) => {
          expect(value + next[index]! + 0).toBe(total[index]! + 0);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('goes over several frames and pieces', () => {
    const length = 600_001;
    const gradient = Float32Array.from({ length }, (_, index) => Math.sin(index) * 10 ** ((index >> 10) % 7));
    const codec = laneCodec({ name, fraction: 0.12 }, length) as LaneCodec;
    const { codes, sent } = encoded(codec, gradient);
    expect(codes.length).toBeGreaterThan(codec.frameBytes);
    expect(Buffer.from(decoded(codec, codes, length).buffer).equals(Buffer.from(sent.buffer))).toBe(true);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('sends %f as no finite number, and leaves the residual', (value) => {
    const gradient = Float32Array.of(1, value, 2, 3);
    const residual = Float32Array.of(0.5, 0.25, -1, 9);
    const codec = codecOf(name, 4);
    const { codes, sent, next } = encoded(codec, gradient, residual);
    expect(sent.every(Number.isFinite)).toBe(false);
    expect(decoded(codec, codes, 4)).toEqual(sent);
    expect(next).toEqual(residual);
  });

  it('sends everything in the end: the sums of what came and of what was sent stay together', () => {
    const length = 3000;
    const codec = codecOf(name, length);
    let residual = new Float32Array(length);
    const came = new Float64Array(length);
    const went = new Float64Array(length);
    for (let step = 0; step < 40; step++) {
      const gradient = Float32Array.from(
        { length },
        (_, index) => Math.sin(index * (step % 3) + 1) / (1 + (index % 9)),
      );
      const { sent, next } = encoded(codec, gradient, residual);
      residual = next;
      gradient.forEach((value, index) => {
        came[index] = came[index]! + value;
        went[index] = went[index]! + sent[index]!;
      });
    }
    came.forEach((value, index) => {
      expect(value - went[index]!).toBeCloseTo(residual[index]!, 4);
    });
  });

  it('refuses codes that end in the middle', () => {
    const codec = codecOf(name, 100);
    const { codes } = encoded(codec, new Float32Array(100).fill(1));
    expect(() => codec.decoder(new Float32Array(100)).take(codes.subarray(0, codes.length - 1))).toThrow(
      /does not end/,
    );
    expect(() => codec.decoder(new Float32Array(9)).take(codes)).toThrow(/cannot be read/);
  });
});

describe('int8', () => {
  it('rounds to multiples of a power of two, ties to even, at most 127 of them', () => {
    const gradient = Float32Array.of(64, 0.5, 1.5, 2.5, -0.5, -1.5, 63.4, -64, 0.4);
    expect([...encoded(codecOf('int8', 9), gradient).sent]).toEqual([64, 0, 2, 2, 0, -2, 63, -64, 0]);
    expect([...encoded(codecOf('int8', 2), Float32Array.of(127.9, -127.5)).sent]).toEqual([127, -127]);
  });

  it('has a scale for each 1,024 elements', () => {
    const gradient = new Float32Array(1025).fill(64);
    gradient[1024] = 2 ** -20;
    const { codes, sent } = encoded(codecOf('int8', 1025), gradient);
    expect(sent).toEqual(gradient);
    expect(codes.length).toBe(1027);
    expect([codes[0], codes[1025]]).toEqual([127, 127 - 26]);
  });

  it('keeps to numbers that a float32 holds in full, at both ends', () => {
    const largest = encoded(codecOf('int8', 1), Float32Array.of(3.4028234663852886e38));
    expect(largest.sent[0]).toBe(127 * 2 ** 121);
    const least = encoded(codecOf('int8', 2), Float32Array.of(2 ** -126, 2 ** -127));
    expect([...least.sent]).toEqual([2 ** -126, 0]);
    expect([...least.next]).toEqual([0, 2 ** -127]);
  });

  it.each([0, 249, 254])('refuses a block of scale %i', (scale) => {
    const bytes = Uint8Array.of(scale, 1);
    expect(() => codecOf('int8', 1).decoder(new Float32Array(1)).take(bytes)).toThrow(`scale ${scale}`);
  });
});

describe('topK', () => {
  it('sends the largest in size, of equal ones the first, k being the fraction rounded up', () => {
    const gradient = Float32Array.of(0, 3, -5, 5, 1, -3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const { codes, sent, next } = encoded(codecOf('topK', 21), gradient);
    expect(codes.length).toBe(3 * 8);
    expect([...sent.subarray(0, 8)]).toEqual([0, 3, -5, 5, 0, 0, 0, 0]);
    expect([...next.subarray(0, 8)]).toEqual([0, 0, 0, 0, 1, -3, 3, 0]);
  });

  it('is the k first of a stable sort by size', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 80 }), (values) => {
        const gradient = Float32Array.from(values);
        const order = [...gradient.keys()].sort(
          (left, right) => Math.abs(gradient[right]!) - Math.abs(gradient[left]!) || left - right,
        );
        const kept = new Set(order.slice(0, Math.ceil(gradient.length * FRACTION)));
        const { sent } = encoded(codecOf('topK', gradient.length), gradient);
        expect([...sent].map((value) => value + 0)).toEqual(
          [...gradient].map((value, index) => (kept.has(index) ? value + 0 : 0)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('refuses elements out of order or beyond the vector', () => {
    const entries = (...indices: number[]): Uint8Array =>
      new Uint8Array(Uint32Array.from(indices.flatMap((index) => [index, 0x3f800000])).buffer);
    const decoder = () => codecOf('topK', 10).decoder(new Float32Array(10));
    for (const bytes of [entries(3, 3), entries(4, 2), entries(10)])
      expect(() => decoder().take(bytes)).toThrow(/element/);
    decoder().take(entries(0, 9));
  });

  it('is found by its name and a fraction', () => {
    expect(laneCodec({ name: 'topK', fraction: 0 }, 5)).toBeNull();
    expect(laneCodec({ name: 'topK', fraction: Number.NaN }, 5)).toBeNull();
    expect(laneCodec({ name: 'float32', fraction: 1 }, 5)).toBeNull();
  });
});
