/** Tanh of every element. */
import type { LayerDefinition } from './layer.js';

/** The `tanh` layer and activation. */
export const tanh: LayerDefinition<'tanh'> = {
  type: 'tanh',
  build: (_spec, { builder }, input) => ({ value: builder.node('Tanh', [input.value]), width: input.width }),
};
