/** The layers of a spec as a forward graph; shared by training, evaluation and serving. */
import { LockstepError } from '@lockstep/protocol/core';
import type { LayerSpec, LossName } from '@lockstep/spec';
import type { GraphBuilder } from './graph/builder.js';
import type { LayerValue, ParameterRequest } from './layers/layer.js';
import { buildLayer } from './layers/table.js';
import { LOSSES } from './losses/table.js';

/** A parameter with its full name, for example "0_dense/kernel". */
export interface NamedParameter extends ParameterRequest {
  readonly fullName: string;
  readonly layer: number;
  /** Index of the parameter within its layer. */
  readonly tensor: number;
}

/** A dropout mask that has to be fed. */
export interface MaskPlan {
  readonly input: string;
  readonly layer: number;
  readonly width: number;
  readonly rate: number;
}

/** What a forward graph is built from. */
export interface ForwardOptions {
  readonly builder: GraphBuilder;
  readonly layers: readonly LayerSpec[];
  readonly features: LayerValue;
  readonly loss: LossName;
  readonly training: boolean;
  /** Defines a parameter's value in the graph, under its full name where that is free. @returns its name there */
  readonly defineParameter: (parameter: NamedParameter) => string;
  readonly defineMask?: (mask: MaskPlan) => void;
}

/** Classes that a message names. */
const NAMED_CLASSES = 10;

interface Step {
  readonly layer: number;
  readonly spec: LayerSpec;
}

/** Layers with each dense layer's activation as a step of its own. */
function stepsOf(layers: readonly LayerSpec[]): readonly Step[] {
  return layers.flatMap((spec, layer): Step[] => {
    if (spec.type !== 'dense' || spec.activation === 'linear') return [{ layer, spec }];
    return [
      { layer, spec },
      { layer, spec: { type: spec.activation } },
    ];
  });
}

/** Builds every layer, without a final activation that the loss takes over. @returns the scores, [N, width] */
export function buildForward(options: ForwardOptions): LayerValue {
  const { builder, layers, loss, training } = options;
  const steps = stepsOf(layers);
  const folded = LOSSES[loss].foldedActivation;
  const last = steps.at(-1);
  if (!last) throw invalid('model', 'The model has no layers.', { fix: 'Add a dense layer.' });
  const kept = folded !== null && last.spec.type === folded ? steps.slice(0, -1) : steps;
  let value = options.features;
  for (const { layer, spec } of kept) {
    let tensor = 0;
    value = buildLayer(
      spec,
      {
        builder,
        training,
        parameter(request) {
          const fullName = `${layer}_${spec.type}/${request.name}`;
          return options.defineParameter({ ...request, fullName, layer, tensor: tensor++ });
        },
        mask(width, rate) {
          const input = `mask/${layer}`;
          options.defineMask?.({ input, layer, width, rate });
          return input;
        },
      },
      value,
    );
  }
  return value;
}

/** What a model ends with, and what it should. */
export interface OutputCheck {
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  /** Width of the last layer. */
  readonly width: number;
  /** Classes of a multiclass task, 1 otherwise. */
  readonly outputWidth: number;
  /** Names of the classes, for messages. */
  readonly labels?: readonly string[] | null | undefined;
}

/** Refuses a last layer that does not fit the loss. @throws LockstepError MODEL_INVALID naming layer and fix */
export function checkOutput({ layers, loss, width, outputWidth, labels }: OutputCheck): void {
  const { foldedActivation, outputWidth: widthOf } = LOSSES[loss];
  const wanted = widthOf(outputWidth);
  if (width !== wanted) throw wrongWidth(layers, loss, { width, wanted, labels: labels ?? [] });
  const last = layers.length - 1;
  const ending = stepsOf(layers).at(-1)?.spec.type;
  if (!foldedActivation || ending === foldedActivation || ending === 'dense') return;
  if (ending === 'dropout') {
    throw invalid(`model[${last}]`, `The last layer is dropout, but ${loss} needs ${foldedActivation}.`, {
      fix: 'Move the dropout before the last dense layer.',
      value: ending,
    });
  }
  throw invalid(`model[${last}]`, `The last activation is ${ending}, but ${loss} needs ${foldedActivation}.`, {
    fix: `Set activation: ${foldedActivation} in the last dense layer.`,
    value: String(ending),
  });
}

interface Widths {
  readonly width: number;
  readonly wanted: number;
  readonly labels: readonly string[];
}

function wrongWidth(layers: readonly LayerSpec[], loss: LossName, { width, wanted, labels }: Widths): LockstepError {
  const needed = wanted === 1 ? 'one output' : `${wanted} outputs, one per class${classesText(labels)}`;
  const dense = layers.findLastIndex(({ type }) => type === 'dense');
  const context = { value: String(width) };
  if (dense < 0) {
    return invalid('model', `The model has no dense layer and so ${width} outputs, but ${loss} needs ${needed}.`, {
      ...context,
      fix: `End the model with a dense layer of units: ${wanted}.`,
    });
  }
  const noun = width === 1 ? 'one output' : `${width} outputs`;
  return invalid(`model[${dense}].dense.units`, `The last dense layer has ${noun}, but ${loss} needs ${needed}.`, {
    ...context,
    fix: `Set units: ${wanted} in the last dense layer.`,
  });
}

/** The names of the classes in brackets, as far as a line holds them. */
function classesText(labels: readonly string[]): string {
  if (labels.length === 0) return '';
  const named = labels.slice(0, NAMED_CLASSES).map((label) => JSON.stringify(label));
  return ` (${named.join(', ')}${labels.length > NAMED_CLASSES ? ', ...' : ''})`;
}

function invalid(
  field: string,
  message: string,
  context: { readonly fix: string; readonly value?: string },
): LockstepError {
  return new LockstepError('MODEL_INVALID', { field, message, ...context });
}
