/** Tests of the test metrics against values computed by hand. */
import { describe, expect, it } from 'vitest';
import { evaluationMetrics, predictedClasses, type ScoredRows } from './evaluation-metrics.js';

function rows(change: Partial<ScoredRows>): ScoredRows {
  return {
    task: 'binary',
    outputs: Float32Array.of(),
    targets: Float32Array.of(),
    width: 1,
    loss: 0.5,
    labels: ['no', 'yes'],
    ...change,
  };
}

describe('evaluationMetrics', () => {
  it('measures precision and recall of the second class when there are two', () => {
    const { metrics, confusionMatrix } = evaluationMetrics(
      rows({
        outputs: Float32Array.of(0.9, 0.6, 0.4, 0.2, 0.7, 0.1, 0.3, 0.8),
        targets: Float32Array.of(1, 1, 1, 1, 0, 0, 0, 1),
      }),
    );
    // Actual yes: 5, of them 3 found; predicted yes: 4, of them 3 right.
    expect(confusionMatrix).toEqual({
      labels: ['no', 'yes'],
      counts: [
        [2, 1],
        [2, 3],
      ],
    });
    expect(metrics).toEqual({
      accuracy: 5 / 8,
      precision: 3 / 4,
      recall: 3 / 5,
      f1: (2 * (3 / 4) * (3 / 5)) / (3 / 4 + 3 / 5),
      loss: 0.5,
    });
  });

  it('averages over the classes that have rows when there are more', () => {
    const { metrics, confusionMatrix, classes, averages } = evaluationMetrics(
      rows({
        task: 'multiclass',
        labels: ['a', 'b', 'c', 'd'],
        width: 4,
        outputs: Float32Array.of(0.7, 0.1, 0.1, 0.1, 0.1, 0.7, 0.1, 0.1, 0.1, 0.1, 0.1, 0.7, 0.1, 0.7, 0.1, 0.1),
        targets: Float32Array.of(0, 0, 1, 1),
      }),
    );
    // a: 1 of 2 found, 1 of 1 right; b: 1 of 2 found, 1 of 2 right; c and d have no rows and are left out.
    expect(confusionMatrix?.counts).toEqual([
      [1, 1, 0, 0],
      [0, 1, 0, 1],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(classes).toEqual([
      { label: 'a', rows: 2, precision: 1, recall: 0.5, f1: expect.closeTo(2 / 3, 15) },
      { label: 'b', rows: 2, precision: 0.5, recall: 0.5, f1: 0.5 },
      { label: 'c', rows: 0, precision: null, recall: null, f1: null },
      { label: 'd', rows: 0, precision: 0, recall: null, f1: null },
    ]);
    expect(averages).toBe('mean over the 2 of 4 classes that have rows');
    expect(metrics.accuracy).toBe(0.5);
    expect(metrics.precision).toBe(0.75);
    expect(metrics.recall).toBe(0.5);
    expect(metrics.f1).toBeCloseTo((2 / 3 + 1 / 2) / 2, 15);
  });

  it('says that a class which was never predicted has precision 0 in the mean', () => {
    const { averages, metrics } = evaluationMetrics(
      rows({ task: 'multiclass', width: 2, outputs: Float32Array.of(1, 0, 1, 0), targets: Float32Array.of(0, 1) }),
    );
    expect(averages).toBe('mean over all 2 classes; a class that was never predicted has precision 0 in it');
    expect(metrics.precision).toBe(0.25);
  });

  it('measures r2, mse and mae of a regression', () => {
    const { metrics, confusionMatrix } = evaluationMetrics(
      rows({
        task: 'regression',
        labels: null,
        outputs: Float32Array.of(1, 2, 5, 4),
        targets: Float32Array.of(1, 3, 3, 5),
        loss: 1.5,
      }),
    );
    expect(confusionMatrix).toBeNull();
    expect(metrics).toEqual({ r2: 1 - 6 / 8, mse: 6 / 4, mae: 1, loss: 1.5 });
  });

  it('has numbers where nothing can be divided', () => {
    const never = rows({ outputs: Float32Array.of(0, 0), targets: Float32Array.of(0, 0) });
    expect(evaluationMetrics(never).metrics).toEqual({ accuracy: 1, precision: 0, recall: 0, f1: 0, loss: 0.5 });
    const flat = rows({
      task: 'regression',
      labels: null,
      outputs: Float32Array.of(1, 3),
      targets: Float32Array.of(2, 2),
    });
    expect(evaluationMetrics(flat).metrics).toEqual({ r2: 0, mse: 1, mae: 1, loss: 0.5 });
    expect(evaluationMetrics(rows({})).metrics.accuracy).toBe(0);
  });
});

describe('predictedClasses', () => {
  it('predicts the second class from exactly one half on', () => {
    const outputs = Float32Array.of(0.5, 0.49999997);
    expect(predictedClasses(rows({ outputs, targets: new Float32Array(2) }))).toEqual([1, 0]);
  });

  it('predicts the first of equal classes', () => {
    const outputs = Float32Array.of(0.2, 0.4, 0.4);
    expect(predictedClasses(rows({ task: 'multiclass', width: 3, outputs, targets: new Float32Array(1) }))).toEqual([
      1,
    ]);
  });
});
