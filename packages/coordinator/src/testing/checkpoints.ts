/** A checkpoint of a small job, for tests. */
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { NOT_STOPPED } from '../core/early-stopping.js';
import { NONE_SKIPPED } from '../core/non-finite.js';

/** Made-up state after `step` steps; `losses` are those of finished epochs. */
export function checkpointOf(step: number, losses: readonly number[] = []): Checkpoint {
  return {
    work: {
      spec: { train: { epochs: 3, optimizer: { type: 'adam' } } },
      dataFingerprint: 'abc',
      numericClass: 'arithmetic',
      rebasedAt: [],
      sampler: 'v1',
    },
    step,
    leadershipEpoch: 1,
    parameters: Float32Array.from({ length: 20 }, (_, index) => index / 7 + step),
    optimizer: {
      vectors: { mean: new Float32Array(20).fill(0.1), square: new Float32Array(20).fill(1e-38) },
      numbers: { beta1Power: 0.9 ** step, beta2Power: 0.999 ** step },
    },
    history: losses.map((loss, index) => ({ epoch: index + 1, seconds: 0.25, learningRate: 0.1, metrics: { loss } })),
    sums: { denominator: 96, loss: 1 / 3, metric: 0.1 + 0.2 },
    secondsInEpoch: 1.5,
    ...{ stopping: NOT_STOPPED, bestParameters: null, skipped: NONE_SKIPPED, residuals: [] },
  };
}
