/** Fully connected layer: input x kernel + bias. Its activation is a step of its own. */
import type { LayerDefinition } from './layer.js';

/** The `dense` layer. Kernel [in, units], bias [units]. */
export const dense: LayerDefinition<'dense'> = {
  type: 'dense',
  build(spec, { builder, parameter }, input) {
    const kernel = parameter({
      name: 'kernel',
      shape: [input.width, spec.units],
      initializer: spec.kernelInitializer,
      regularizer: spec.kernelRegularizer,
    });
    const inputs = [input.value, kernel];
    if (spec.useBias) {
      inputs.push(
        parameter({
          name: 'bias',
          shape: [spec.units],
          initializer: spec.biasInitializer,
          regularizer: spec.biasRegularizer,
        }),
      );
    }
    return { value: builder.node('Gemm', inputs), width: spec.units };
  },
};
