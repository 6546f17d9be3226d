/** Tests of curves, with values that scikit-learn 1.7 gives for the same rows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScoredRows } from './evaluation-metrics.js';
import { MAX_CURVE_ROWS, scoreCurves } from './score-curves.js';

const binary = (targets: readonly number[], outputs: readonly number[]): ScoredRows => ({
  ...{ task: 'binary', width: 1, loss: 0, labels: ['no', 'yes'] },
  targets: Float32Array.from(targets),
  outputs: Float32Array.from(outputs),
});

describe('curves', () => {
  it('of two classes are of the second', () => {
    const curves = scoreCurves(binary([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]));
    expect(curves?.classes).toEqual([
      {
        label: 'yes',
        roc: { x: [0, 0, 0.5, 0.5, 1], y: [0, 0.5, 0.5, 1, 1] },
        rocAuc: 0.75,
        precisionRecall: { x: [0, 0.5, 0.5, 1, 1], y: [1, 1, 0.5, 2 / 3, 0.5] },
        averagePrecision: 0.5 + 0.5 * (2 / 3),
      },
    ]);
  });

  it('take equal scores for one point', () => {
    const [curves] = scoreCurves(binary([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5]))?.classes ?? [];
    expect(curves).toMatchObject({ roc: { x: [0, 1], y: [0, 1] }, rocAuc: 0.5, averagePrecision: 0.5 });
  });

  it('of many classes are of each that has rows against the others, ten at most', () => {
    const width = 12;
    const targets = Float32Array.from({ length: 22 }, (_, row) => row % 11);
    const outputs = Float32Array.from({ length: 22 * width }, (_, at) =>
      at % width === Math.floor(at / width) % 11 ? 0.5 : 0.04,
    );
    const labels = Array.from({ length: width }, (_, index) => `c${index}`);
    const curves = scoreCurves({ task: 'multiclass', width, loss: 0, labels, targets, outputs });
    expect(curves?.classes.map(({ label, rocAuc }) => [label, rocAuc])).toEqual(
      labels.slice(0, 10).map((label) => [label, 1]),
    );
    expect(curves?.calibration).toEqual([{ rows: 22, probability: 0.5, share: 1 }]);
  });

  it('are none for a regression, for no rows, and for a class that all rows are of', () => {
    expect(scoreCurves({ ...binary([1], [3]), task: 'regression', labels: null })).toBeNull();
    expect(scoreCurves(binary([], []))).toBeNull();
    expect(scoreCurves(binary([1, 1], [0.2, 0.9]))).toEqual({
      rows: 2,
      classes: [],
      calibration: [
        { rows: 1, probability: Math.fround(0.2), share: 1 },
        { rows: 1, probability: Math.fround(0.9), share: 1 },
      ],
    });
  });

  it('leave out rows whose scores are not finite, and take those outside of 0 to 1 for its ends', () => {
    const odd = scoreCurves(binary([0, 1, 1, 0, 1], [0.2, Number.NaN, 0.7, Number.POSITIVE_INFINITY, 0.9]));
    expect(odd).toEqual(scoreCurves(binary([0, 1, 1], [0.2, 0.7, 0.9])));
    expect(scoreCurves(binary([0, 1], [Number.NaN, Number.NaN]))).toBeNull();
    expect(scoreCurves(binary([0, 1], [-0.5, 1.5]))?.calibration).toMatchObject([{ share: 0 }, { share: 1 }]);
  });

  it('are made of evenly spaced rows where there are very many', () => {
    const targets = Array.from({ length: 2 * MAX_CURVE_ROWS }, (_, row) => Math.floor(row / 2) % 2);
    const curves = scoreCurves(binary(targets, targets));
    expect([curves?.rows, curves?.classes[0]?.rocAuc]).toEqual([MAX_CURVE_ROWS, 1]);
  });

  it('have few points, of which the first and the last are the ends, whatever the number of rows', () => {
    const rows = 5000;
    const targets = Array.from({ length: rows }, (_, row) => Number((row * 7919) % 13 < 5));
    const [curves] =
      scoreCurves(
        binary(
          targets,
          targets.map((_, row) => row / rows),
        ),
      )?.classes ?? [];
    expect(curves?.roc.x).toHaveLength(101);
    expect([curves?.roc.x.at(0), curves?.roc.x.at(-1), curves?.roc.y.at(-1)]).toEqual([0, 1, 1]);
  });

  it('have the area that pairs of rows count, whichever scores they are', () => {
    const row = fc.record({
      target: fc.nat(1),
      score: fc.oneof(fc.constantFrom(0, 0.5, 1), fc.float({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), (rows) => {
        const [curves] =
          scoreCurves(
            binary(
              rows.map(({ target }) => target),
              rows.map(({ score }) => score),
            ),
          )?.classes ?? [];
        const of = (wanted: number): number[] =>
          rows.filter(({ target }) => target === wanted).map(({ score }) => Math.fround(score));
        const pairs = of(1).flatMap((high) => of(0).map((low) => (high > low ? 1 : high === low ? 0.5 : 0)));
        if (pairs.length === 0) expect(curves).toBeUndefined();
        else expect(curves?.rocAuc).toBeCloseTo(pairs.reduce<number>((sum, pair) => sum + pair, 0) / pairs.length, 12);
      }),
    );
  });
});
