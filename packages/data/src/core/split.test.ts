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

  it('keeps each group in one part, close to the fractions, and follows the seed', () => {
    const groups = Int32Array.from({ length: 1000 }, (_, row) => row % 100);
    const parts = split({ rowCount: 1000, groups, validation: 0.1 });
    expect([Part.train, Part.validation, Part.test].map((part) => count(parts, part))).toEqual([700, 100, 200]);
    for (let group = 0; group < 100; group++) {
      expect(new Set(parts.filter((_, row) => row % 100 === group)).size).toBe(1);
    }
    expect(split({ rowCount: 1000, groups, validation: 0.1 })).toEqual(parts);
    expect(split({ rowCount: 1000, groups, validation: 0.1, seed: 43 })).not.toEqual(parts);
  });

  it('never breaks a group, whatever the sizes, and leaves one for training', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.01, max: 0.9, noNaN: true }), fc.nat(), (lengths, test, seed) => {
        const groups = Int32Array.from(lengths.flatMap((length, group) => Array<number>(length).fill(group)));
        const parts = split({ rowCount: groups.length, groups, test, seed });
        lengths.forEach((_, group) => {
          expect(new Set(parts.filter((_part, row) => groups[row] === group)).size).toBe(1);
        });
        expect(parts.includes(Part.train) && parts.includes(Part.test)).toBe(true);
      }),
    );
  });

  it('takes the last rows in order for the test part, and those before them for validation', () => {
    const order = Float64Array.of(50, 10, 40, 20, 30, 10, 60, 70, 80, 90);
    const parts = split({ rowCount: 10, order, validation: 0.2 });
    expect([...parts]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 2, 2]);
    expect([...split({ rowCount: 10, order, validation: 0.2, seed: 7 })]).toEqual([...parts]);
    const same = split({ rowCount: 4, order: new Float64Array(4), test: 0.5, kept: (row) => row !== 1 });
    expect([...same]).toEqual([Part.train, Part.dropped, Part.test, Part.test]);
  });
});
