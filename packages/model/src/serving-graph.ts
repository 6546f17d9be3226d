/** The graph of model.onnx: raw columns in, original labels and probabilities out, weights as initializers. */
import { LockstepError, type ParameterLayout, tensorView } from '@lockstep/protocol/core';
import type { LayerSpec, LossName, Task } from '@lockstep/spec';
import { buildForward } from './forward.js';
import { attribute } from './graph/attribute.js';
import { GraphBuilder } from './graph/builder.js';
import type { Graph } from './graph/graph.js';
import { verifyGraph } from './graph/verify.js';
import { activate } from './training-graph.js';

/** What the exported model is built from. */
export interface ServingOptions {
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly layout: ParameterLayout;
  /** The trained flat parameter vector. */
  readonly parameters: Float32Array;
  readonly task: Task;
  /** Class names in index order; null for a regression. */
  readonly labels: readonly string[] | null;
  readonly featureWidth: number;
  /** Adds the raw inputs and the preprocessing. @returns the features, [N, featureWidth] float32 */
  readonly preprocessing: (builder: GraphBuilder) => string;
}

/** Version of what model.onnx says of itself (`lockstep.format`): 2 holds the types, spellings and labels of its columns. */
export const MODEL_FORMAT = '2';

/** Names of the model's outputs. */
const OUTPUT_NAMES: readonly string[] = ['prediction', 'probabilities'];

/** Whether a raw column of this name would clash with an output of the model. */
export function isOutputName(name: string): boolean {
  return OUTPUT_NAMES.includes(name);
}

/** Probability from which a binary model answers with the second label. */
export const BINARY_THRESHOLD = 0.5;

/**
 * Builds the exported model. Outputs: `prediction` [N], the original label (string, or int64 where all labels are
 * whole numbers) or the value (float32); for classifiers `probabilities` [N, C] in the order of the labels.
 * @throws LockstepError MODEL_INVALID naming a raw column that has the name of an output or parameter
 */
export function buildServingGraph(options: ServingOptions): Graph {
  const builder = new GraphBuilder('lockstep');
  const features = { value: options.preprocessing(builder), width: options.featureWidth };
  refuseTakenNames(builder, options);
  const places = new Map(options.layout.tensors.map((tensor) => [tensor.name, tensor]));
  const scores = buildForward({
    builder,
    layers: options.layers,
    features,
    loss: options.loss,
    training: false,
    defineParameter({ fullName, shape }) {
      const place = places.get(fullName);
      if (!place) throw new Error(`parameter ${fullName} has no place in the layout`);
      const data = tensorView(options.parameters, place);
      builder.initializer({ name: fullName, type: 'float32', shape, data });
    },
  });
  const output = activate(builder, options.loss, scores.value);
  if (options.task === 'regression' || !options.labels) {
    builder.output('prediction', 'float32', ['N'], builder.node('Squeeze', [output, builder.int64s([1])]));
  } else {
    addClassOutputs(builder, output, options.task, options.labels);
  }
  const graph = builder.build();
  verifyGraph(graph);
  return graph;
}

/** Raw columns become inputs under their own names, which must not be those of outputs or parameters. */
function refuseTakenNames(builder: GraphBuilder, { layout }: ServingOptions): void {
  const taken = new Set([...OUTPUT_NAMES, ...layout.tensors.map(({ name }) => name)]);
  const column = builder.build().inputs.find(({ name }) => taken.has(name));
  if (!column) return;
  throw new LockstepError('MODEL_INVALID', {
    message: `The column ${column.name} has the name of a part of the model.`,
    field: 'data',
    value: column.name,
    fix: 'Rename the column, or add it to data.ignore.',
  });
}

function addClassOutputs(builder: GraphBuilder, output: string, task: Task, labels: readonly string[]): void {
  let probabilities = output;
  let index: string;
  if (task === 'binary') {
    const first = builder.node('Sub', [builder.scalar(1), output]);
    probabilities = builder.node('Concat', [first, output], { axis: attribute.int(1) });
    const isSecond = builder.node('GreaterOrEqual', [output, builder.scalar(BINARY_THRESHOLD)]);
    const column = builder.node('Cast', [isSecond], { to: attribute.int(7) });
    index = builder.node('Squeeze', [column, builder.int64s([1])]);
  } else {
    index = builder.node('ArgMax', [output], { axis: attribute.int(1), keepdims: attribute.int(0) });
  }
  const whole = labels.every((label) => /^-?\d{1,15}$/.test(label) && String(Number(label)) === label);
  const names = whole
    ? builder.constant('int64', [labels.length], BigInt64Array.from(labels.map(BigInt)), 'labels')
    : builder.constant('string', [labels.length], labels, 'labels');
  const prediction = builder.node('Gather', [names, index], { axis: attribute.int(0) });
  builder.output('prediction', whole ? 'int64' : 'string', ['N'], prediction);
  builder.output('probabilities', 'float32', ['N', labels.length], probabilities);
}
