/** d(A B) = dA B + A dB for matrices, and for stacks of them. */
import { attribute } from '../../graph/attribute.js';
import { FIRST_OPSET, type GradientContext, type GradientRule, LATEST_OPSET, unbroadcast } from '../gradient-rule.js';

/** A value with the last two axes swapped. */
function transposed({ builder, shape }: GradientContext, value: string): string {
  const order = shape(value).map((_, axis) => axis);
  order.push(...order.splice(-2).reverse());
  return builder.node('Transpose', [value], { perm: attribute.ints(order) });
}

/** Gradient of A: one Gemm, which transposes without a copy, for two matrices. */
function byLeft(context: GradientContext, left: string, right: string): string {
  const { builder, gradient, shape } = context;
  if (shape(left).length === 2 && shape(right).length === 2) {
    return builder.node('Gemm', [gradient, right], { transB: attribute.int(1) });
  }
  const product = builder.node('MatMul', [gradient, transposed(context, right)]);
  return unbroadcast(context, product, stackShape(context, left), left);
}

/** Gradient of B. A stack times one matrix: its matrices on top of each other are one, so that one Gemm does. */
function byRight(context: GradientContext, left: string, right: string): string {
  const { builder, gradient, shape } = context;
  const oneMatrix = shape(right).length === 2;
  if (oneMatrix && shape(left).length === 2) {
    return builder.node('Gemm', [left, gradient], { transA: attribute.int(1) });
  }
  if (oneMatrix && shape(right).every((size) => typeof size === 'number' && size > 0)) {
    const flat = (value: string, width: number): string =>
      builder.node('Reshape', [value, builder.int64s([-1, width], 'shape')]);
    const [inner, columns] = shape(right) as [number, number];
    return builder.node('Gemm', [flat(left, inner), flat(gradient, columns)], { transA: attribute.int(1) });
  }
  const product = builder.node('MatMul', [transposed(context, left), gradient]);
  return unbroadcast(context, product, stackShape(context, right), right);
}

/** Shape of a factor's gradient before what was repeated along the stack is summed. */
function stackShape({ node, shape }: GradientContext, factor: string) {
  return [...shape(node.outputs[0]!).slice(0, -2), ...shape(factor).slice(-2)];
}

/** Gradient of MatMul. */
export const matmulGradient: GradientRule = {
  op: 'MatMul',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const [left, right] = context.node.inputs as [string, string];
    return [
      context.wants(0) ? byLeft(context, left, right) : null,
      context.wants(1) ? byRight(context, left, right) : null,
    ];
  },
};
