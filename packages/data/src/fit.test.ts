import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NumberColumnPlan, TextColumnPlan } from './core/plan.js';
import { runPreparation } from './run-preparation.js';
import { readColumn } from './testing/shards.js';
import { requestFor, type SpecParts } from './testing/tables.js';

const error = (code: string, parts: object = {}) => expect.objectContaining({ code, ...parts });

/** A table of columns by name with a label of two classes. */
function tableOf(columns: Readonly<Record<string, readonly (string | number)[]>>): string {
  const names = Object.keys(columns);
  const count = columns[names[0]!]!.length;
  const rows = Array.from({ length: count }, (_, row) => [...names.map((name) => columns[name]![row]), row % 2]);
  return `${[[...names, 'y'], ...rows].map((row) => row.join(',')).join('\n')}\n`;
}

/** Prepared with all rows for training. */
const prepare = (columns: Readonly<Record<string, readonly (string | number)[]>>, parts: SpecParts = {}) =>
  runPreparation(requestFor(tableOf(columns), { ...parts, split: { test: 0, ...parts.split } }));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('scaling', () => {
  it('robust takes the median and the interquartile range of the filled column, as scikit-learn does', async () => {
    const file = new URL('../../../test/reference/cleaning.json', import.meta.url);
    const { robust } = JSON.parse(readFileSync(file, 'utf8'));
    const { preprocessing } = await prepare({ a: robust.values }, { preprocess: { scale: 'robust' } });
    expect(preprocessing.columns[0]).toMatchObject({ center: robust.center, scale: robust.scale });
    const filled = await prepare(
      { a: ['', ...upTo(10)] },
      { preprocess: { scale: 'robust', missing: 'constant', fill: 100 } },
    );
    expect(filled.preprocessing.columns[0]).toMatchObject({ center: 5, scale: 5 });
    expect((await prepare({ a: [1, 1, 1, 9] }, { preprocess: { scale: 'robust' } })).preprocessing.columns[0]).toEqual(
      expect.objectContaining({ center: 1, scale: 2 }),
    );
  });

  it('quantile turns the training rows into even steps from 0 to 1', async () => {
    const { shards } = await prepare({ a: [1000, 1, 50, 3, 2] }, { preprocess: { scale: 'quantile' } });
    expect(readColumn(shards.train, 'features')).toEqual([1, 0, 0.75, 0.5, 0.25]);
  });
});

describe('indicators', () => {
  it('are added where training has missing cells, of numbers and of text that has no category for them', async () => {
    const columns = { a: [1, '', 3, 4], b: [1, 2, 3, 4], c: ['x', '', 'y', 'x'], d: ['x', '', 'y', 'x'] };
    const prepared = await prepare(columns, {
      preprocess: { indicator: true },
      columns: { d: { missing: 'mode' } },
    });
    expect(prepared.featureNames).toEqual([
      ...['a', 'b', 'c=(missing)', 'c=x', 'c=y', 'd=x', 'd=y', 'a=(missing)', 'd=(missing)'],
    ]);
    const features = readColumn(prepared.shards.train, 'features');
    expect(features.filter((_, index) => index % 9 >= 7)).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  });

  it('are refused where they add nothing', async () => {
    const parts = { columns: { a: { indicator: true, missing: 'drop' as const } } };
    await expect(prepare({ a: [1, 2, 3, ''] }, parts)).rejects.toThrow(
      error('SPEC_CONTRADICTION', { field: 'preprocess.columns.a.indicator' }),
    );
  });
});

describe('rare categories', () => {
  const file = new URL('../../../test/reference/cleaning.json', import.meta.url);
  const { rare } = JSON.parse(readFileSync(file, 'utf8'));
  const plan = async (parts: SpecParts): Promise<TextColumnPlan> => {
    const { preprocessing } = await prepare({ wood: rare.words }, parts);
    return preprocessing.columns[0] as TextColumnPlan;
  };

  it('are those of OneHotEncoder, by count and by fraction', async () => {
    const byCount = await plan({ preprocess: { minFrequency: 3, unknown: 'rare' } });
    expect(byCount).toMatchObject({ categories: ['elm', 'oak'], rare: rare.rare });
    expect(await plan({ columns: { wood: { minFrequency: 0.1 } } })).toMatchObject({ rare: rare.rareBelowTenth });
    expect(await plan({ preprocess: { minFrequency: 1 } })).not.toHaveProperty('rare');
  });

  it('count towards the limit of categories as one', async () => {
    const names = upTo(50).map((index) => (index < 40 ? 'common' : `rare ${index}`));
    const parts = { preprocess: { maxCategories: 3 } };
    await expect(prepare({ wood: names }, parts)).rejects.toThrow(error('DATA_TOO_MANY_CATEGORIES'));
    const kept = await prepare({ wood: names }, { preprocess: { maxCategories: 3, minFrequency: 2 } });
    expect(kept.featureNames).toEqual(['wood=common', 'wood=(rare)']);
  });

  it('take the fill of missing cells with their number, and never the category of missing cells', async () => {
    const wood = ['oak', 'oak', 'elm', '', '', 'ash'];
    const filled = await prepare(
      { wood },
      { preprocess: { minFrequency: 2, missingText: 'constant', fillText: 'elm' } },
    );
    expect(filled.featureNames).toEqual(['wood=elm', 'wood=oak', 'wood=(rare)']);
    const own = await prepare({ wood }, { preprocess: { minFrequency: 3 } });
    expect(own.featureNames).toEqual(['wood=(missing)', 'wood=(rare)']);
  });
});

describe('outliers', () => {
  const values = [...upTo(40), 1000, -700];
  const other = upTo(42).map((value) => value % 5);
  const outliers = { method: 'iqr' as const, action: 'flag' as const };

  it('are flagged in a feature of their own where training has any', async () => {
    const prepared = await prepare({ a: values, b: other }, { preprocess: { outliers, scale: 'none' } });
    expect(prepared.featureNames).toEqual(['a', 'b', 'a=(outlier)']);
    const features = readColumn(prepared.shards.train, 'features');
    expect(features.slice(-6)).toEqual([1000, 0, 1, -700, 1, 1]);
    expect(features.filter((_, index) => index % 3 === 2).filter(Boolean)).toHaveLength(2);
  });

  it('are cut to the bounds before anything else is fitted', async () => {
    const clip = { ...outliers, action: 'clip' as const };
    const { preprocessing } = await prepare({ a: values }, { preprocess: { outliers: clip, scale: 'minMax' } });
    const [a] = preprocessing.columns as NumberColumnPlan[];
    // Quartiles 9.25 and 29.75 of the 42 values.
    expect(a?.clip).toEqual({ lower: 9.25 - 30.75, upper: 29.75 + 30.75 });
    expect(a).toMatchObject({ center: -21.5, scale: 82 });
  });

  it('leave rows out of training and nowhere else, with their number', async () => {
    const drop = { method: 'zScore' as const, threshold: 2, action: 'drop' as const };
    const parts = { split: { test: 0.5, seed: 3 }, preprocess: { outliers: drop, scale: 'none' as const } };
    const far = [...upTo(100), ...upTo(20).map((index) => 10_000 + index)];
    const { shards, rows, warnings } = await prepare({ a: far }, parts);
    const isFar = (value: number | string): boolean => Number(value) >= 10_000;
    expect((readColumn(shards.train, 'features') as number[]).some(isFar)).toBe(false);
    expect((readColumn(shards.testPrepared, 'features') as number[]).filter(isFar).length).toBeGreaterThan(3);
    expect(rows).toMatchObject({ test: 60, train: 60 - rows.dropped });
    expect(warnings).toEqual([`${rows.dropped} of 60 training rows are left out as outliers (a ${rows.dropped}).`]);
  });

  it('of whole rows are found by an isolation forest, which drops or flags them', async () => {
    const forest = { method: 'isolationForest' as const, threshold: 0.7 };
    const columns = { a: values, b: [...other.slice(2), 90, -80] };
    const flagged = await prepare(columns, { preprocess: { outliers: { ...forest, action: 'flag' }, scale: 'none' } });
    expect(flagged.featureNames).toEqual(['a', 'b', '(outlier)']);
    expect(readColumn(flagged.shards.train, 'features').slice(-6)).toEqual([1000, 90, 1, -700, -80, 1]);
    const dropped = await prepare(columns, { preprocess: { outliers: { ...forest, action: 'drop' } } });
    expect(dropped.rows).toMatchObject({ train: 40, dropped: 2 });
    expect(dropped.warnings).toEqual(['2 of 42 training rows are left out as outliers (isolationForest 2).']);
    expect(dropped.preprocessing).not.toHaveProperty('forest');
  });

  it('of a column with settings of its own are its own', async () => {
    const { preprocessing, featureNames } = await prepare(
      { a: values, b: values },
      { preprocess: { outliers }, columns: { b: { outliers: { method: 'none', action: 'flag' } } } },
    );
    expect(featureNames).toEqual(['a', 'b', 'a=(outlier)']);
    expect(preprocessing.columns[1]).not.toHaveProperty('flag');
  });

  it('that are all rows are an error', async () => {
    const drop = { method: 'zScore' as const, threshold: 0.1, action: 'drop' as const };
    await expect(prepare({ a: [1, 9, 1, 9] }, { preprocess: { outliers: drop } })).rejects.toThrow(
      error('DATA_EMPTY', { field: 'preprocess.outliers' }),
    );
  });

  it('are none of a text column', async () => {
    await expect(prepare({ a: ['x', 'y'] }, { columns: { a: { outliers } } })).rejects.toThrow(
      error('SPEC_CONTRADICTION', { field: 'preprocess.columns.a.outliers' }),
    );
  });
});

describe('missing: knn', () => {
  it('fills from the nearest rows by deviation, before the column is scaled', async () => {
    const columns = { a: [1, 2, 3, '', 100, 101], b: [1000, 2000, 3000, 2000, 90_000, 91_000] };
    const { preprocessing, shards } = await prepare(columns, {
      preprocess: { missing: 'knn', neighbors: 3, scale: 'none' },
    });
    expect(readColumn(shards.train, 'features')[6]).toBe(2);
    expect(preprocessing.neighbors).toMatchObject({ count: 3, columns: ['a', 'b'], filled: ['a', 'b'] });
    const scaled = await prepare(columns, { preprocess: { missing: 'knn', neighbors: 3, scale: 'minMax' } });
    expect(scaled.preprocessing.columns[0]).toMatchObject({ center: 1, scale: 100 });
  });

  it('compares with at most 1,000 training rows, drawn by the seed of the split', async () => {
    const columns = { a: upTo(1500).map((value) => (value % 9 === 0 ? '' : value)), b: upTo(1500) };
    const rowsOf = async (seed: number) => {
      const { preprocessing } = await prepare(columns, { preprocess: { missing: 'knn' }, split: { seed } });
      return preprocessing.neighbors?.rows ?? [];
    };
    const [once, again, other] = [await rowsOf(1), await rowsOf(1), await rowsOf(2)];
    expect(once).toHaveLength(1000);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(once.every(([, b], index) => index === 0 || b! > once[index - 1]![1]!)).toBe(true);
  });
});
