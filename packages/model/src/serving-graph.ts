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

/** What `prediction` is for a row that has none, where the labels are text; no label is empty. */
const NO_TEXT = '';
/** The same where labels are whole numbers: the smallest int64, as NaN becomes in a cast; labels have at most 15 digits. */
const NO_INTEGER = -(2n ** 63n);

/**
 * Builds the exported model. Outputs: `prediction` [N], the original label (string, or int64 where all labels are
 * whole numbers) or the value (float32); for classifiers `probabilities` [N, C] in the order of the labels. A row with
 * a NaN among its features has no prediction: the label is '' or -2^63, the value and every probability NaN.
 * @throws LockstepError MODEL_INVALID naming a raw column that has the name of an output
 */
export function buildServingGraph(options: ServingOptions): Graph {
  const builder = new GraphBuilder('lockstep');
  const features = { value: options.preprocessing(builder), width: options.featureWidth };
  refuseOutputNames(builder);
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
      return builder.initializer({ name: builder.free(fullName), type: 'float32', shape, data });
    },
  });
  const activated = activate(builder, options.loss, scores.value);
  // Layers may take NaN for any number: what is missing is read off the features, and off what the layers made of them.
  const isMissing = builder.node('Or', [addHasNaN(builder, features.value), addHasNaN(builder, activated)]);
  const output = builder.node('Where', [isMissing, builder.scalar(Number.NaN), activated]);
  if (options.task === 'regression' || !options.labels) {
    builder.output('prediction', 'float32', ['N'], builder.node('Squeeze', [output, builder.int64s([1])]));
  } else {
    addClassOutputs(builder, { output, isMissing }, options.task, options.labels);
  }
  const graph = builder.build();
  verifyGraph(graph);
  return graph;
}

/** Raw columns become inputs under their own names, which must not be those of outputs. */
function refuseOutputNames(builder: GraphBuilder): void {
  const column = builder.build().inputs.find(({ name }) => isOutputName(name));
  if (!column) return;
  throw new LockstepError('MODEL_INVALID', {
    message: `The column ${column.name} has the name of an output of the model.`,
    field: 'data',
    value: column.name,
    fix: 'Rename the column, or add it to data.ignore.',
  });
}

/** Whether a row holds a NaN. @param values [N, C] float32 @returns [N, 1] bool */
function addHasNaN(builder: GraphBuilder, values: string): string {
  const found = builder.node('Cast', [builder.node('IsNaN', [values])], { to: attribute.int(1) });
  const most = builder.node('ReduceMax', [found], { axes: attribute.ints([1]), keepdims: attribute.int(1) });
  return builder.node('Greater', [most, builder.scalar(0)]);
}

/** What the layers say of each row. */
interface Answers {
  /** [N, 1] or [N, C] float32, NaN where there is no prediction. */
  readonly output: string;
  /** [N, 1] bool: there is none. */
  readonly isMissing: string;
}

function addClassOutputs(
  builder: GraphBuilder,
  { output, isMissing }: Answers,
  task: Task,
  labels: readonly string[],
): void {
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
  // Behind the labels stands what says that there is none.
  const shape = [labels.length + 1];
  const names = whole
    ? builder.constant('int64', shape, BigInt64Array.from([...labels.map(BigInt), NO_INTEGER]), 'labels')
    : builder.constant('string', shape, [...labels, NO_TEXT], 'labels');
  const none = builder.constant('int64', [], BigInt64Array.of(BigInt(labels.length)), 'none');
  const place = builder.node('Where', [builder.node('Squeeze', [isMissing, builder.int64s([1])]), none, index]);
  const prediction = builder.node('Gather', [names, place], { axis: attribute.int(0) });
  builder.output('prediction', whole ? 'int64' : 'string', ['N'], prediction);
  builder.output('probabilities', 'float32', ['N', labels.length], probabilities);
}
