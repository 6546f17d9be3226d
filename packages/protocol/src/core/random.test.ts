import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permutation, philox4x32, RandomPurpose, RandomStream } from './random.js';

function block(counter: readonly number[], key: readonly number[]): number[] {
  const out = new Uint32Array(4);
  philox4x32(Uint32Array.from(counter), Uint32Array.from(key), out);
  return [...out];
}

describe('Philox4x32-10', () => {
  it('gives the vectors that Random123 publishes (kat_vectors)', () => {
    const ones = 0xffffffff;
    expect(block([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    expect(block([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  it('multiplies as 64-bit integers do, for any counter and key', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    const words = (count: number) => fc.array(word, { minLength: count, maxLength: count });
    fc.assert(
      fc.property(words(4), words(2), (counter, key) => {
        expect(block(counter, key)).toEqual(bigintPhilox(counter, key));
      }),
    );
  });
});

/** The same rounds, written down with 64-bit integers. */
function bigintPhilox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  const mask = 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const first = 0xd2511f53n * c0;
    const second = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(second >> 32n) ^ c1 ^ k0, second & mask, (first >> 32n) ^ c3 ^ k1, first & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map(Number);
}

describe('a random stream', () => {
  it('lays seed, purpose, a, b, row and index out in key and counter as documented', () => {
    const stream = new RandomStream(7, RandomPurpose.dropout, 11, 5);
    expect(stream.uint32(4 * (2 ** 33 + 3) + 2, 13)).toBe(block([3, 2, 13, 11], [7, 3 | (5 << 8)])[2]);
  });

  it('depends on the place alone, not on what was drawn before', () => {
    const stream = new RandomStream(1, RandomPurpose.shuffle, 2, 3);
    const forward = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => stream.uint32(index, 9));
    const backward = [7, 6, 5, 4, 3, 2, 1, 0].map((index) => stream.uint32(index, 9)).reverse();
    expect(backward).toEqual(forward);
  });

  it('differs as soon as one of seed, purpose, a, b, row or index does', () => {
    const places = [
      [1, 1, 0, 0, 0, 0],
      [2, 1, 0, 0, 0, 0],
      [1, 2, 0, 0, 0, 0],
      [1, 1, 1, 0, 0, 0],
      [1, 1, 0, 1, 0, 0],
      [1, 1, 0, 0, 1, 0],
      [1, 1, 0, 0, 0, 1],
      [1, 1, 0, 0, 0, 4 * 2 ** 32],
    ] as const;
    const words = places.map(([seed, purpose, a, b, row, index]) =>
      new RandomStream(seed, purpose, a, b).uint32(index, row),
    );
    expect(new Set(words).size).toBe(places.length);
  });

  it('fills a row with the same uniforms that it gives one by one, whatever the length', () => {
    const stream = new RandomStream(42, RandomPurpose.dropout, 3, 1);
    for (const length of [0, 1, 3, 4, 5, 63, 64]) {
      const filled = new Float32Array(length);
      stream.fillUniform(filled, 17);
      expect([...filled]).toEqual(Array.from({ length }, (_, index) => stream.uniform(index, 17)));
    }
  });

  it('gives uniforms in [0, 1) that float32 holds exactly, with the mean and spread of a uniform', () => {
    const values = new Float32Array(100_000);
    new RandomStream(3, RandomPurpose.initialize).fillUniform(values);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(values.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 24))).toBe(true);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 3);
  });
});

describe('a permutation', () => {
  it('holds every number once', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(1000), fc.nat(600), (seed, a, count) => {
        const order = permutation(seed, RandomPurpose.shuffle, a, count);
        expect([...order].sort((left, right) => left - right)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it('is pinned: the same numbers in every release', () => {
    expect([...permutation(42, RandomPurpose.shuffle, 0, 10)]).toMatchInlineSnapshot(`
      [
        9,
        7,
        3,
        8,
        6,
        2,
        4,
        5,
        1,
        0,
      ]
    `);
    expect([...permutation(42, RandomPurpose.split, 1, 10)]).toMatchInlineSnapshot(`
      [
        2,
        5,
        1,
        7,
        6,
        9,
        8,
        3,
        4,
        0,
      ]
    `);
  });

  it('gives each of the 24 orders of four about as often', () => {
    const counts = new Map<string, number>();
    for (let a = 0; a < 24_000; a++) {
      const order = permutation(1, RandomPurpose.shuffle, a, 4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // Five standard deviations of a binomial around 1,000.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * 31);
  });
});
