/** Dropout by a mask that is fed: 0 or 1 / (1 - rate). Graphs hold no randomness. */
import type { LayerDefinition } from './layer.js';

/** The `dropout` layer. */
export const dropout: LayerDefinition<'dropout'> = {
  type: 'dropout',
  build(spec, { builder, training, mask }, input) {
    if (!training || spec.rate === 0) return input;
    return { value: builder.node('Mul', [input.value, mask(input.width, spec.rate)]), width: input.width };
  },
};
