import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { float32, numbersOf, runGraph } from '../testing/run-graph.js';
import { LOSSES } from './table.js';

/** Row losses of a batch. */
async function rowLosses(name: keyof typeof LOSSES, scores: number[][], target: number[]): Promise<number[]> {
  const width = scores[0]!.length;
  const builder = new GraphBuilder(name);
  const inputs = {
    scores: builder.input('scores', 'float32', ['N', width]),
    target: builder.input('target', 'float32', ['N', 1]),
  };
  const loss = LOSSES[name].rowLoss({ builder, ...inputs, width });
  builder.output('loss', 'float32', ['N', 1], loss);
  const feeds = {
    scores: float32([scores.length, width], scores.flat()),
    target: float32([target.length, 1], target),
  };
  return numbersOf(await runGraph(builder.build(), feeds), 'loss');
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    const wanted = expected[index]!;
    expect(Math.abs(value - wanted), `row ${index}: ${value}, not ${wanted}`).toBeLessThanOrEqual(
      2e-7 + 1e-6 * Math.abs(wanted),
    );
  });
}

/** Minus the logarithm of the softmax at `target`, in float64. */
function crossEntropy(scores: readonly number[], target: number): number {
  const largest = Math.max(...scores);
  const sum = scores.reduce((total, score) => total + Math.exp(score - largest), 0);
  return Math.log(sum) - (scores[target]! - largest);
}

describe('losses', () => {
  it('stand in the table under their own names', () => {
    for (const [name, loss] of Object.entries(LOSSES)) expect(loss.name).toBe(name);
  });

  it('mse is the squared difference', async () => {
    expectClose(await rowLosses('mse', [[1.5], [-2], [0]], [1, 3, 0]), [0.25, 25, 0]);
  });

  it('binaryCrossEntropy follows its definition', async () => {
    const logits = [-3, -0.5, 0, 0.25, 4];
    const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
    for (const target of [0, 1]) {
      expectClose(
        await rowLosses(
          'binaryCrossEntropy',
          logits.map((z) => [z]),
          logits.map(() => target),
        ),
        logits.map((z) => -(target * Math.log(sigmoid(z)) + (1 - target) * Math.log(1 - sigmoid(z)))),
      );
    }
  });

  it('binaryCrossEntropy stays finite where the sigmoid is 0 or 1 in float32', async () => {
    const extreme = [[200], [-200], [200], [-200], [3e38]];
    expectClose(await rowLosses('binaryCrossEntropy', extreme, [0, 1, 1, 0, 1]), [200, 200, 0, 0, 0]);
  });

  it.each(['categoricalCrossEntropy', 'sparseCategoricalCrossEntropy'] as const)(
    '%s follows its definition, also for extreme logits',
    async (name) => {
      const scores = [
        [0.1, 0.2, -0.3],
        [5, -5, 0],
        [300, -300, 0],
        [300, 300, 300],
        [-300, -300, -299],
      ];
      const target = [2, 1, 1, 0, 2];
      expectClose(
        await rowLosses(name, scores, target),
        scores.map((row, index) => crossEntropy(row, target[index]!)),
      );
    },
  );

  it('takes one output for numbers and two classes, and one per class for more', () => {
    const widths = Object.fromEntries(Object.values(LOSSES).map(({ name, outputWidth }) => [name, outputWidth(7)]));
    expect(widths).toEqual({
      mse: 1,
      binaryCrossEntropy: 1,
      categoricalCrossEntropy: 7,
      sparseCategoricalCrossEntropy: 7,
    });
  });
});
