/** d a^b = b a^(b-1) da for a constant b; the zeroth power has gradient 0, also at 0. */
import type { Tensor } from '../../graph/graph.js';
import { FIRST_OPSET, type GradientContext, type GradientRule, LATEST_OPSET, unbroadcast } from '../gradient-rule.js';

/** A float tensor of the exponent's shape and the base's type. */
function constantLike(context: GradientContext, { shape }: Tensor, values: readonly number[], hint: string): string {
  const type = context.type(context.node.inputs[0]!);
  const data = type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
  return context.builder.constant(type, shape, data, hint);
}

/** Gradient of Pow. */
export const powGradient: GradientRule = {
  op: 'Pow',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  limits: 'where the exponent is a constant',
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const base = node.inputs[0]!;
    const exponent = context.constant(1);
    if (!exponent) throw context.unsupported();
    const powers = Array.from(exponent.data, Number);
    const factor = constantLike(context, exponent, powers, 'factor');
    const lower = powers.map((power) => (power === 0 ? 0 : power - 1));
    const raised = lower.every((power) => power === 1)
      ? base
      : builder.node('Pow', [base, constantLike(context, exponent, lower, 'exponent')]);
    const slope = builder.node('Mul', [raised, factor]);
    const out = context.shape(node.outputs[0]!);
    return [unbroadcast(context, builder.node('Mul', [gradient, slope]), out, base), null];
  },
};
