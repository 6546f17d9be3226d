/** d(alpha A' B' + beta C), A' and B' transposed or not. */
import { attribute, floatAttribute, intAttribute } from '../../graph/attribute.js';
import {
  FIRST_OPSET,
  type GradientContext,
  type GradientRule,
  LATEST_OPSET,
  scalarLike,
  unbroadcast,
} from '../gradient-rule.js';

function biasGradient(context: GradientContext, bias: string): string {
  const beta = floatAttribute(context.node, 'beta', 1);
  const { builder, gradient } = context;
  const sum = unbroadcast(context, gradient, context.shape(context.node.outputs[0]!), bias);
  return beta === 1 ? sum : builder.node('Mul', [sum, scalarLike(context, bias, beta)]);
}

/** Gradient of Gemm. */
export const gemmGradient: GradientRule = {
  op: 'Gemm',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const [left, right, bias] = node.inputs as [string, string, string?];
    const transA = intAttribute(node, 'transA', 0);
    const transB = intAttribute(node, 'transB', 0);
    const alpha = floatAttribute(node, 'alpha', 1);
    const product = (a: string, b: string, flipA: number, flipB: number): string =>
      builder.node('Gemm', [a, b], {
        ...(alpha === 1 ? {} : { alpha: attribute.float(alpha) }),
        ...(flipA ? { transA: attribute.int(1) } : {}),
        ...(flipB ? { transB: attribute.int(1) } : {}),
      });
    const byLeft = (): string =>
      transA ? product(right, gradient, transB, 1) : product(gradient, right, 0, 1 - transB);
    const byRight = (): string =>
      transB ? product(gradient, left, 1, transA) : product(left, gradient, 1 - transA, 0);
    return [
      context.wants(0) ? byLeft() : null,
      context.wants(1) ? byRight() : null,
      bias && context.wants(2) ? biasGradient(context, bias) : null,
    ];
  },
};
