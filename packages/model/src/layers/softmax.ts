/** Softmax over the last axis. */
import { attribute } from '../graph/attribute.js';
import type { LayerDefinition } from './layer.js';

/** The `softmax` layer and activation. */
export const softmax: LayerDefinition<'softmax'> = {
  type: 'softmax',
  build: (_spec, { builder }, input) => ({
    value: builder.node('Softmax', [input.value], { axis: attribute.int(-1) }),
    width: input.width,
  }),
};
