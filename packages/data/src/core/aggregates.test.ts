import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mergeMoments, NumberStatistics } from './aggregates.js';

function statisticsOf(values: Iterable<number | null>): NumberStatistics {
  const statistics = new NumberStatistics(true);
  for (const value of values) statistics.add(value);
  return statistics;
}

function referenceColumn(name: string): number[] {
  const file = new URL('../../../../examples/breast-cancer/data.csv', import.meta.url);
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const index = header!.split(',').indexOf(name);
  return lines.map((line) => Number(line.split(',')[index]));
}

/** Relative distance. */
const off = (value: number, exact: number): number => Math.abs(value - exact) / Math.abs(exact);

describe('NumberStatistics', () => {
  // From test/reference/data_statistics.py: exact mean, exact population deviation, median of numpy.
  it.each([
    ['mean_radius', 14.127291739894552, 3.520950760711062, 13.37],
    ['area_error', 40.33707908611599, 45.45101341563996, 24.53],
    ['worst_fractal_dimension', 0.08394581722319859, 0.01804538930859499, 0.08004],
  ])('agrees with numpy about %s', (name, mean, deviation, median) => {
    const statistics = statisticsOf(referenceColumn(name));
    const { count, mean: found, squares } = statistics.moments();
    expect(count).toBe(569);
    expect(off(found, mean)).toBeLessThan(1e-15);
    expect(off(Math.sqrt(squares / count), deviation)).toBeLessThan(1e-14);
    expect(statistics.median()).toBe(median);
  });

  it('keeps its digits where the values are far from 0, over several blocks', () => {
    const values = Array.from({ length: 10_000 }, (_, index) => 1e9 + ((index * 7919) % 1000) / 1000);
    const { mean, squares } = statisticsOf(values).moments();
    expect(mean).toBe(1000000000.4995);
    expect(off(squares / 10_000, 0.08333325000190984)).toBeLessThan(1e-9);
  });

  it('finds no deviation at all in a constant column, whose sum is not exact', () => {
    const { mean, squares } = statisticsOf(new Array<number>(9999).fill(0.1)).moments();
    expect(mean).toBe(0.1);
    expect(squares).toBe(0);
  });

  it('gives moments while values are still coming', () => {
    const statistics = statisticsOf([1, 2, 3]);
    expect(statistics.moments()).toEqual({ count: 3, mean: 2, squares: 2 });
    expect(statistics.moments()).toEqual({ count: 3, mean: 2, squares: 2 });
  });

  it('counts missing values apart', () => {
    const statistics = statisticsOf([5, null, 1, null]);
    expect(statistics).toMatchObject({ nullCount: 2, minimum: 1, maximum: 5 });
    expect(statistics.moments().count).toBe(2);
  });

  it('takes the middle value, or the mean of the two middle ones, by number and not by text', () => {
    expect(statisticsOf([10, 9, 1]).median()).toBe(9);
    expect(statisticsOf([10, 9, 1, 100]).median()).toBe(9.5);
    expect(statisticsOf([-1]).median()).toBe(-1);
  });

  it('takes the most frequent value, and the smallest of several', () => {
    expect(statisticsOf([3, 1, 3, 2]).mode()).toBe(3);
    expect(statisticsOf([20, 3, 20, 3, 7]).mode()).toBe(3);
  });
});

describe('mergeMoments', () => {
  it('takes an empty side for nothing', () => {
    const some = { count: 3, mean: 2, squares: 2 };
    const none = { count: 0, mean: 0, squares: 0 };
    expect(mergeMoments(some, none)).toBe(some);
    expect(mergeMoments(none, some)).toBe(some);
  });

  it('gives the moments of all values', () => {
    const merged = mergeMoments(statisticsOf([1, 2, 3]).moments(), statisticsOf([10]).moments());
    expect(merged).toEqual({ count: 4, mean: 4, squares: 50 });
  });
});
