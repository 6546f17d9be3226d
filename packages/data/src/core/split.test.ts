import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Part, type SplitOptions, splitRows } from './split.js';

const count = (parts: Uint8Array, part: number): number => parts.filter((found) => found === part).length;

function split(options: Partial<SplitOptions> & { readonly rowCount: number }): Uint8Array {
  return splitRows({ test: 0.2, validation: 0, seed: 42, classes: null, kept: () => true, ...options });
}

describe('splitRows', () => {
  it('gives the test part its fraction, rounded up as scikit-learn does', () => {
    expect(count(split({ rowCount: 569 }), Part.test)).toBe(114);
    expect(count(split({ rowCount: 10 }), Part.test)).toBe(2);
    expect(count(split({ rowCount: 11 }), Part.test)).toBe(3);
  });

  it('is a function of seed and rows alone, and of nothing else', () => {
    const parts = split({ rowCount: 40, validation: 0.1 });
    expect(split({ rowCount: 40, validation: 0.1 })).toEqual(parts);
    expect(split({ rowCount: 40, validation: 0.1, seed: 43 })).not.toEqual(parts);
    expect([...parts].join('')).toBe('0000000010010000022020022000002012010200');
  });

  it('keeps the shares of the classes in every part', () => {
    const classes = Int32Array.from({ length: 1000 }, (_, row) => (row % 10 < 7 ? 0 : row % 10 < 9 ? 1 : 2));
    const parts = split({ rowCount: 1000, classes, test: 0.2, validation: 0.1 });
    const of = (part: number): number[] =>
      [0, 1, 2].map((name) => parts.filter((found, row) => found === part && classes[row] === name).length);
    expect(of(Part.test)).toEqual([140, 40, 20]);
    expect(of(Part.validation)).toEqual([70, 20, 10]);
    expect(of(Part.train)).toEqual([490, 140, 70]);
  });

  it('gives rows left over by rounding to the classes with the largest remainders', () => {
    const classes = Int32Array.from([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]);
    const parts = split({ rowCount: 13, classes, test: 0.25 });
    const test = [0, 1, 2].map(
      (name) => parts.filter((found, row) => found === Part.test && classes[row] === name).length,
    );
    // 1.5, 1 and 0.75 of a total of 4: floors 1, 1, 0, then the remainders 0.75 and 0.5.
    expect(test).toEqual([2, 1, 1]);
  });

  it('leaves a class of one row to training', () => {
    const classes = Int32Array.from([0, 0, 0, 0, 0, 1]);
    for (let seed = 0; seed < 20; seed++) {
      expect(split({ rowCount: 6, classes, test: 0.5, seed })[5]).toBe(Part.train);
    }
  });

  it('marks rows that take no part, and divides the others as if they were not there', () => {
    const parts = split({ rowCount: 20, kept: (row) => row % 2 === 0 });
    expect(count(parts, Part.dropped)).toBe(10);
    expect(parts.filter((_, row) => row % 2 === 0)).toEqual(split({ rowCount: 10 }));
  });

  it('keeps a training row of each class, and no part beyond its fraction, for any sizes', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    const fractions = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 45 }));
    fc.assert(
      fc.property(sizes, fractions, fc.nat(1000), (counts, [test, validation], seed) => {
        const classes = Int32Array.from(counts.flatMap((size, name) => new Array<number>(size).fill(name)));
        const rowCount = classes.length;
        const parts = split({ rowCount, classes, test: test / 100, validation: validation / 100, seed });
        counts.forEach((_, name) => {
          expect(parts.some((part, row) => part === Part.train && classes[row] === name)).toBe(true);
        });
        expect(count(parts, Part.test)).toBeLessThanOrEqual(Math.ceil((rowCount * test) / 100));
        expect(count(parts, Part.validation)).toBeLessThanOrEqual(Math.ceil((rowCount * validation) / 100));
        expect(count(parts, Part.dropped)).toBe(0);
      }),
    );
  });
});
