/** TensorFlow.js on the TensorFlow that `lockstep engines install tfjs` has built, under the suite of every engine. */
import { createEngine, type Engine } from '@lockstep/engine';
import { expect, it } from 'vitest';
import { describeEngine, TFJS_SKIPS } from '../contract/engine-contract.ts';
import { rowSumModel } from '../contract/engine-models.ts';
import { bitsOf, open, pattern, tensor } from '../contract/engine-tensors.ts';
import { describeAgreement } from '../contract/engines-agree.ts';

it('computes the same beside plain JavaScript in one process, whichever came last', async () => {
  const model = rowSumModel(61);
  const sums = async (engine: Engine): Promise<readonly number[]> => {
    const session = await open(engine, model);
    const { sum } = await session.run({ x: tensor('float32', [64, 61], pattern(engine, 64 * 61)) }, { sum: null });
    return bitsOf(sum?.data);
  };
  const native = await createEngine({ engine: 'tfjs', backend: 'tensorflow' });
  const before = await sums(native);
  const plain = await createEngine({ engine: 'tfjs', backend: 'cpu' });
  const other = await sums(plain);
  expect([await sums(native), await sums(plain)]).toEqual([before, other]);
  expect(before).not.toEqual(other);
});

describeEngine({ engine: 'tfjs', adapter: 'c-api', backend: 'tensorflow', skips: TFJS_SKIPS });
describeAgreement('tensorflow');
