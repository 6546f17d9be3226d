/** Cross-entropy over classes from logits: minus the log-softmax at the target's class. */
import { attribute } from '../../graph/attribute.js';
import type { LossInputs } from '../loss.js';

const INT64 = 7;

/** Loss of each row, [N, 1]; the target holds class indices. */
export function softmaxCrossEntropy({ builder, scores, target, width }: LossInputs): string {
  const index = builder.node('Cast', [builder.node('Squeeze', [target, builder.int64s([1])])], {
    to: attribute.int(INT64),
  });
  const depth = builder.constant('int64', [1], BigInt64Array.of(BigInt(width)), 'depth');
  const offOn = builder.constant('float32', [2], Float32Array.of(0, -1), 'off_on');
  const minusOneHot = builder.node('OneHot', [index, depth, offOn], { axis: attribute.int(1) });
  const logProbabilities = builder.node('LogSoftmax', [scores], { axis: attribute.int(1) });
  return builder.node('ReduceSum', [builder.node('Mul', [logProbabilities, minusOneHot]), builder.int64s([1])], {
    keepdims: attribute.int(1),
  });
}
