import { describe, expect, it } from 'vitest';
import { binsOf, cramersV, errorReduction, pearson } from './association.js';
import { addCell, DistinctCounter, EvenSample, RepeatCounter, startHash } from './fingerprints.js';
import { sameThings } from './spellings.js';

function hashOf(...cells: (string | null)[]): { low: number; high: number } {
  const hash = { low: 0, high: 0 };
  startHash(hash);
  for (const cell of cells) addCell(hash, cell);
  return hash;
}

describe('hashes of rows', () => {
  it('tell cells apart by value, place, and missing from empty', () => {
    const rows: (string | null)[][] = [
      ...[
        ['a', 'b'],
        ['b', 'a'],
        ['ab', ''],
        ['', 'ab'],
        ['ab', null],
        [null, 'ab'],
        ['a', 'b', ''],
        ['a', 'b', null],
      ],
    ];
    expect(new Set(rows.map((row) => JSON.stringify(hashOf(...row)))).size).toBe(rows.length);
    expect(hashOf('a', 'b')).toEqual(hashOf('a', 'b'));
  });
});

describe('DistinctCounter', () => {
  it.each([10, 3000, 200_000])('is right to 5 %% about %i values, however often each comes', (count) => {
    const counter = new DistinctCounter();
    for (let index = 0; index < 3 * count; index++) counter.add(hashOf(`value ${index % count}`));
    expect(Math.abs(counter.estimate() / count - 1)).toBeLessThan(0.05);
  });
});

describe('RepeatCounter', () => {
  it('counts exactly while it keeps every hash', () => {
    const counter = new RepeatCounter(100_000);
    for (let index = 0; index < 20_000; index++) counter.add(hashOf(String(index % 15_000), 'x'));
    expect(counter.count()).toEqual({ rows: 5000, isExact: true });
  });

  it('goes on with a share of the hashes above its limit, and says so', () => {
    const counter = new RepeatCounter(1000);
    for (let index = 0; index < 40_000; index++) counter.add(hashOf(String(index % 20_000)));
    const { rows, isExact } = counter.count();
    expect(isExact).toBe(false);
    expect(Math.abs(rows / 20_000 - 1)).toBeLessThan(0.15);
  });
});

describe('EvenSample', () => {
  it('keeps all rows while they are few, then evenly spaced ones', () => {
    const sample = new EvenSample<number>(8);
    for (let row = 0; row < 8; row++) sample.offer(() => row);
    expect(sample.rows).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (let row = 8; row < 30; row++) sample.offer(() => row);
    expect(sample.rows).toEqual([0, 4, 8, 12, 16, 20, 24, 28]);
  });
});

describe('associations', () => {
  it('of numbers are the correlation of numpy, over rows that have both', () => {
    const left = Float64Array.of(1, 2, 3, 4, Number.NaN, 7);
    const right = Float64Array.of(2, 1, 4, 3, 9, Number.NaN);
    expect(pearson(left, right)).toBeCloseTo(0.6, 12);
    expect(pearson(Float64Array.of(1, 1, 1), Float64Array.of(1, 2, 3))).toBeNaN();
  });

  it("of categories are Cramer's V", () => {
    // chi2 = 20 * (8*8-2*2)^2 / (10*10*10*10) = 7.2, V = sqrt(7.2 / 20).
    const left = [...new Array(10).fill('a'), ...new Array(10).fill('b')];
    const right = [...new Array(8).fill('x'), 'y', 'y', 'x', 'x', ...new Array(8).fill('y')];
    expect(cramersV(left, right)).toBeCloseTo(0.6, 12);
    expect(cramersV(left, left)).toBeCloseTo(1, 12);
    expect(cramersV(left, new Array(20).fill('x'))).toBeNaN();
  });

  it('of a feature with classes are the errors that it takes away', () => {
    expect(errorReduction([0, 0, 1, 1], ['n', 'n', 'y', 'y'])).toBe(1);
    expect(errorReduction([0, 1, 0, 1], ['n', 'n', 'y', 'y'])).toBe(0);
    expect(errorReduction([0, 0], ['n', 'n'])).toBe(0);
  });

  it('bin numbers by rank, equal ones together and missing ones apart', () => {
    const values = Float64Array.from({ length: 60 }, (_, index) => (index < 30 ? 5 : index));
    const bins = binsOf(Float64Array.of(...values, Number.NaN));
    expect(new Set(bins.slice(0, 30)).size).toBe(1);
    expect(bins.at(-1)).toBe(-1);
    expect(new Set(bins).size).toBe(4);
  });
});

describe('sameThings', () => {
  it('finds values that differ in case, blanks or one letter, and leaves numbers and short words alone', () => {
    expect(sameThings(['yes', 'Yes ', 'no', 'YES'])).toEqual([
      { values: ['yes', 'Yes ', 'YES'], differ: 'case or blanks' },
    ]);
    expect(sameThings(['london', 'londen', 'cat', 'car', 'room 1', 'room 2'])).toEqual([
      { values: ['london', 'londen'], differ: 'one letter' },
    ]);
  });
});
