/** What a layer is: how it continues a graph, and the parameters and masks it asks for. */
import type { InitializerName, LayerSpec, RegularizerSpec } from '@lockstep/spec';
import type { GraphBuilder } from '../graph/builder.js';

/** A value of shape [N, width] in the graph. */
export interface LayerValue {
  readonly value: string;
  readonly width: number;
}

/** A parameter that a layer asks for. */
export interface ParameterRequest {
  /** Name within the layer, for example "kernel". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: InitializerName;
  readonly regularizer?: RegularizerSpec | undefined;
}

/** What a layer builds with. */
export interface LayerContext {
  readonly builder: GraphBuilder;
  /** Masks are fed while training; elsewhere dropout does nothing. */
  readonly training: boolean;
  /** Asks for a parameter of this layer. @returns the name of its value */
  parameter(request: ParameterRequest): string;
  /** Asks for a dropout mask of shape [N, width]. @returns the name of its value */
  mask(width: number, rate: number): string;
}

/** The layers of one type. */
export interface LayerDefinition<Type extends LayerSpec['type'] = LayerSpec['type']> {
  readonly type: Type;
  readonly build: (spec: Extract<LayerSpec, { type: Type }>, context: LayerContext, input: LayerValue) => LayerValue;
}
