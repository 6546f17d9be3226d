import { describe, expect, it } from 'vitest';
import { addSums, argMax, sumRows } from './sums.js';

const f32 = (...values: number[]): Float32Array => Float32Array.from(values);

describe('sums over rows', () => {
  const binary = {
    rowLoss: f32(0.5, 1, 2),
    scores: f32(0.6, 0.5, 0.4),
    target: f32(1, 0, 0),
    weight: f32(1, 2, 4),
  };

  it('weigh losses, and count rows and right answers once, with class 1 from 0.5 as the exported model answers', () => {
    const sums = sumRows(3, binary, { task: 'binary', outputWidth: 1, scoresAreLogits: false });
    expect(sums).toEqual({ denominator: 3, loss: 0.5 + 2 + 8, metric: 2, rows: 3 });
  });

  it('take class 1 from logit 0', () => {
    const results = { ...binary, scores: f32(0, -0.1, 0.1) };
    expect(sumRows(3, results, { task: 'binary', outputWidth: 1, scoresAreLogits: true }).metric).toBe(2);
  });

  it('count only the rows asked for', () => {
    expect(sumRows(1, binary, { task: 'binary', outputWidth: 1, scoresAreLogits: false }).rows).toBe(1);
    expect(sumRows(1, binary, { task: 'binary', outputWidth: 1, scoresAreLogits: false }).denominator).toBe(1);
  });

  it('compare the largest class, the first of equals', () => {
    const results = { ...binary, scores: f32(1, 3, 3, 5, 0, 0), target: f32(1, 0, 0) };
    expect(sumRows(2, results, { task: 'multiclass', outputWidth: 3, scoresAreLogits: true }).metric).toBe(2);
    expect(argMax(f32(9, 1, 2, 2), 1, 3)).toBe(1);
  });

  it('take absolute errors of a regression', () => {
    const results = { ...binary, scores: f32(1.5, -1, 4), target: f32(1, 1, 1) };
    expect(sumRows(3, results, { task: 'regression', outputWidth: 1, scoresAreLogits: false }).metric).toBe(
      0.5 + 2 + 3,
    );
  });

  it('add up', () => {
    const one = { denominator: 1, loss: 2, metric: 3, rows: 4 };
    expect(addSums(one, one)).toEqual({ denominator: 2, loss: 4, metric: 6, rows: 8 });
  });

  it('are float64, added in row order', () => {
    const results = { ...binary, weight: f32(1, 1, 1), rowLoss: f32(1, 2 ** 60, -(2 ** 60)) };
    // In order the 1 is lost; any other order would keep it.
    expect(sumRows(3, results, { task: 'binary', outputWidth: 1, scoresAreLogits: false }).loss).toBe(0);
  });
});
