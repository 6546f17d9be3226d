/** Relu of every element. */
import type { LayerDefinition } from './layer.js';

/** The `relu` layer and activation. */
export const relu: LayerDefinition<'relu'> = {
  type: 'relu',
  build: (_spec, { builder }, input) => ({ value: builder.node('Relu', [input.value]), width: input.width }),
};
