/** Sigmoid of every element. */
import type { LayerDefinition } from './layer.js';

/** The `sigmoid` layer and activation. */
export const sigmoid: LayerDefinition<'sigmoid'> = {
  type: 'sigmoid',
  build: (_spec, { builder }, input) => ({ value: builder.node('Sigmoid', [input.value]), width: input.width }),
};
