/** A job on the engine tfjs: the same bits with any number of workers, and about what the other engine learns. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type JsonOutcome, ROOT, scratch, trainJson } from '../support/lockstep.ts';

const SPEC = join(ROOT, 'test/cases/54-threads-in-a-container/job.yaml');
/** Of the test loss: 30 epochs carry last bits a little way. */
const TOLERANCE = 1e-3;

function train(...args: readonly string[]): Promise<JsonOutcome> {
  return trainJson([SPEC, '--out', join(scratch(), 'out'), ...args]);
}

it('trains on tfjs to the same bits with any number of workers, and about as well as on onnxruntime', async () => {
  const tfjs = ['--set', 'train.engine=tfjs'];
  const one = await train('--workers', '1', ...tfjs);
  const three = await train('--workers', '3', ...tfjs);
  const other = await train('--workers', '1');
  expect(three.parametersSha256).toBe(one.parametersSha256);
  expect(other.parametersSha256).not.toBe(one.parametersSha256);
  expect([one.numericClass.split('-')[0], other.numericClass.split('-')[0]]).toEqual(['tfjs', 'onnxruntime']);
  expect([one.reproducible, three.reproducible]).toEqual([true, true]);
  expect(one.metrics.test.accuracy).toBe(other.metrics.test.accuracy);
  expect(Math.abs((one.metrics.test.loss ?? 0) / (other.metrics.test.loss ?? 0) - 1)).toBeLessThan(TOLERANCE);
});
