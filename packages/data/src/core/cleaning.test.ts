import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { averagePath, fitForest, type IsolationForest, isIsolated, pathSum, scoreOf } from './isolation-forest.js';
import { NeighborFinder } from './neighbors.js';
import { boundsOf, cut, isOutside } from './outliers.js';
import { probit } from './probit.js';
import { fitRanks, quantile, rankOf } from './quantiles.js';

/** What test/reference/cleaning.py prints. */
interface Reference {
  readonly robust: { readonly values: number[]; readonly center: number; readonly scale: number };
  readonly bounds: { readonly values: number[]; readonly iqr: [number, number]; readonly zScore: [number, number] };
  readonly ranks: readonly {
    readonly name: string;
    readonly values: number[];
    readonly asked: number[];
    readonly uniform: number[];
    readonly normal: number[];
  }[];
  readonly neighbors: {
    readonly count: number;
    readonly rows: (number | null)[][];
    readonly deviations: number[];
    readonly filled: number[][];
  };
  readonly forest: {
    readonly sampleSize: number;
    readonly trees: readonly {
      readonly column: number[];
      readonly value: number[];
      readonly left: number[];
      readonly rows: number[];
      readonly depth: number[];
    }[];
    readonly asked: number[][];
    readonly scores: number[];
    readonly rows: number[][];
    readonly wholeScores: number[];
  };
}

const path = new URL('../../../../test/reference/cleaning.json', import.meta.url);
const reference = JSON.parse(readFileSync(path, 'utf8')) as Reference;
const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

describe('quantiles', () => {
  it('are those of numpy, to the bit', () => {
    const { values, center, scale } = reference.robust;
    const column = sorted(values);
    expect(quantile(column, 0.5)).toBe(center);
    expect(quantile(column, 0.75) - quantile(column, 0.25)).toBe(scale);
    expect([quantile(sorted([4]), 0.3), quantile(sorted([4, 8]), 1)]).toEqual([4, 8]);
  });

  it.each(reference.ranks)('scale by rank as QuantileTransformer does: $name', ({ values, asked, uniform, normal }) => {
    const ranks = fitRanks(sorted(values), false);
    asked.forEach((value, index) => {
      expect(rankOf(ranks, value)).toBeCloseTo(uniform[index]!, 12);
      // scikit-learn cuts a little outside of 1e-7.
      expect(rankOf({ ...ranks, normal: true }, value)).toBeCloseTo(normal[index]!, 8);
    });
  });

  it('leave missing what is missing, and give a constant column 0', () => {
    const ranks = fitRanks(sorted([3, 3, 3]), false);
    expect([rankOf(ranks, 3), rankOf(ranks, 2), rankOf(ranks, 9), rankOf(ranks, Number.NaN)]).toEqual([
      0,
      0,
      0,
      Number.NaN,
    ]);
  });

  it('of the normal distribution are symmetric and cut at 1e-7', () => {
    expect(probit(0.5)).toBe(0);
    expect(probit(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(probit(0.025)).toBeCloseTo(-1.959963984540054, 14);
    expect(probit(0)).toBe(probit(1e-7));
    expect(probit(1)).toBeCloseTo(5.199337582, 8);
  });
});

describe('bounds of outliers', () => {
  it.each(['zScore', 'iqr'] as const)('by %s are those of numpy', (method) => {
    const threshold = method === 'iqr' ? 1.5 : 3;
    const found = boundsOf(Float64Array.from([...reference.bounds.values, Number.NaN]), {
      ...{ method, threshold, action: 'flag' },
    });
    expect(found?.lower).toBeCloseTo(reference.bounds[method][0], 10);
    expect(found?.upper).toBeCloseTo(reference.bounds[method][1], 10);
  });

  it('take no value for one without values, and a missing one for none', () => {
    expect(boundsOf(Float64Array.of(Number.NaN), { method: 'iqr', threshold: 1.5, action: 'flag' })).toBeNull();
    const bounds = { lower: 0, upper: 1 };
    expect([0, 1, -0.1, 1.1, Number.NaN].map((value) => isOutside(bounds, value))).toEqual([
      ...[false, false, true, true, false],
    ]);
    expect([-0.1, 1.1, 0.5, Number.NaN].map((value) => cut(bounds, value))).toEqual([0, 1, 0.5, Number.NaN]);
  });
});

describe('neighbors', () => {
  const { count, rows, deviations, filled } = reference.neighbors;
  const columns = ['a', 'b', 'c', 'd'];
  const finder = new NeighborFinder({ count, columns, deviations, filled: columns, rows });

  it('fill what KNNImputer fills', () => {
    rows.forEach((row, index) => {
      const values = Float64Array.from(row, (value) => value ?? Number.NaN);
      finder.fill(values);
      values.forEach((value, column) => {
        expect(value).toBeCloseTo(filled[index]![column]!, 10);
      });
    });
  });

  it('leave a cell missing where no row shares a value', () => {
    const values = new Float64Array(4).fill(Number.NaN);
    finder.fill(values);
    expect([...values]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('an isolation forest', () => {
  const { sampleSize, trees, asked, scores, rows, wholeScores } = reference.forest;
  const own = (seed: number): IsolationForest => {
    const columns = [0, 1, 2].map((column) => Float64Array.from(rows, (row) => row[column]!));
    return fitForest({ names: ['a', 'b', 'c'], columns, fill: [0, 0, 0], seed, threshold: 0.5 });
  };

  it('gives the trees of scikit-learn the scores of scikit-learn', () => {
    const forest: IsolationForest = {
      ...{ columns: ['a', 'b', 'c'], fill: [0, 0, 0], sampleSize, limit: 0 },
      trees: trees.map(({ column, value, left, rows: met, depth }) => ({
        ...{ column, left },
        value: value.map((at, node) => (column[node]! < 0 ? depth[node]! + averagePath(met[node]!) : at)),
      })),
    };
    asked.forEach((row, index) => {
      expect(scoreOf(forest, row)).toBeCloseTo(scores[index]!, 12);
    });
  });

  it('of its own scores rows as scikit-learn does: the planted outliers first, the others alike', () => {
    const forest = own(42);
    const found = rows.map((row) => scoreOf(forest, row));
    const first = [...found.keys()].sort((a, b) => found[b]! - found[a]!).slice(0, 6);
    expect(first.sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(correlation(found, wholeScores)).toBeGreaterThan(0.97);
    expect(mean(found)).toBeCloseTo(mean(wholeScores), 1);
  });

  it('is the same for the same seed, and calls a row an outlier from its threshold on', () => {
    const forest = own(1);
    expect(own(1)).toEqual(forest);
    expect(own(2)).not.toEqual(forest);
    rows.forEach((row) => {
      expect(isIsolated(forest, row)).toBe(scoreOf(forest, row) > 0.5);
    });
  });

  it('has sums of paths that float32 holds', () => {
    const forest = own(3);
    for (const row of rows) expect(Math.fround(pathSum(forest, row))).toBe(pathSum(forest, row));
  });

  it('isolates nothing among rows that are all alike', () => {
    const columns = [new Float64Array(50).fill(3)];
    const forest = fitForest({ names: ['a'], columns, fill: [3], seed: 1, threshold: 0.5 });
    expect(isIsolated(forest, [3])).toBe(false);
    expect(scoreOf(forest, [3])).toBeCloseTo(0.5, 3);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(left: readonly number[], right: readonly number[]): number {
  const product = (a: readonly number[], b: readonly number[]): number => {
    return a.reduce((sum, value, index) => sum + (value - mean(a)) * (b[index]! - mean(b)), 0);
  };
  return product(left, right) / Math.sqrt(product(left, left) * product(right, right));
}
