/** Every layer by its name in the spec. */
import type { LayerSpec } from '@lockstep/spec';
import { dense } from './dense.js';
import { dropout } from './dropout.js';
import type { LayerContext, LayerDefinition, LayerValue } from './layer.js';
import { relu } from './relu.js';
import { sigmoid } from './sigmoid.js';
import { softmax } from './softmax.js';
import { tanh } from './tanh.js';

type LayerTable = { readonly [Type in LayerSpec['type']]: LayerDefinition<Type> };

/** Layers by name. */
export const LAYERS: LayerTable = { dense, dropout, relu, sigmoid, softmax, tanh };

/** Continues the graph with one layer. */
export function buildLayer(spec: LayerSpec, context: LayerContext, input: LayerValue): LayerValue {
  const layer: LayerDefinition = LAYERS[spec.type] as LayerDefinition;
  return layer.build(spec, context, input);
}
