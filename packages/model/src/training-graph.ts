/** Plans a model: parameter layout, the training graph with its gradients, and the evaluation graph. */
import {
  LockstepError,
  layoutParameters,
  type ParameterLayout,
  RandomPurpose,
  RandomStream,
  tensorView,
} from '@lockstep/protocol/core';
import type { InitializerName, LayerSpec, LossName } from '@lockstep/spec';
import { differentiate } from './autodiff/differentiate.js';
import { buildForward, checkOutput, type MaskPlan, type NamedParameter } from './forward.js';
import { attribute } from './graph/attribute.js';
import { GraphBuilder } from './graph/builder.js';
import type { Graph } from './graph/graph.js';
import { verifyGraph } from './graph/verify.js';
import { INITIALIZERS } from './initializers/table.js';
import type { LayerValue } from './layers/layer.js';
import { MAX_PARAMETERS, PIECE_ELEMENTS } from './limits.js';
import { LOSSES } from './losses/table.js';

/** Output of a training graph with the loss of each row, [N]. */
export const ROW_LOSS = 'rowLoss';
/** Input of a training graph that multiplies each row's loss in what is differentiated, [N, 1]. */
export const ROW_WEIGHT = 'weight';
/** What the name of an output that holds a gradient begins with; the parameter's name follows. */
export const GRADIENT_PREFIX = 'gradient/';

/** What a model is planned from. */
export interface ModelOptions {
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  /** Width of the prepared features. */
  readonly featureWidth: number;
  /** Classes of a multiclass task, 1 otherwise. */
  readonly outputWidth: number;
  /** Names of the classes, for messages. */
  readonly labels?: readonly string[] | null;
}

/** How one tensor starts, and the place that keys its random numbers. */
export interface InitializerPlan {
  readonly initializer: InitializerName;
  /** Index of the layer in the spec. */
  readonly layer: number;
  /** Index of the tensor within its layer. */
  readonly tensor: number;
}

/** Penalty on one tensor. */
export interface RegularizerPlan {
  readonly tensor: string;
  readonly l1: number;
  readonly l2: number;
}

/** What the first parameters follow from. */
type Initialization = Pick<ModelPlan, 'layout' | 'initializers'>;

/** A model ready to be trained. */
export interface ModelPlan {
  readonly layout: ParameterLayout;
  /** By parameter name. */
  readonly initializers: Readonly<Record<string, InitializerPlan>>;
  readonly regularizers: readonly RegularizerPlan[];
  readonly masks: readonly MaskPlan[];
  /** Parameters are inputs; outputs rowLoss [N], scores [N, O], gradient/<parameter>. */
  readonly trainingGraph: Graph;
  /** Parameters are inputs; outputs rowLoss [N], scores [N, O], probabilities [N, O]. */
  readonly evaluationGraph: Graph;
  readonly outputWidth: number;
  /** Whether `scores` are logits. */
  readonly outputIsLogits: boolean;
}

interface Built {
  readonly builder: GraphBuilder;
  readonly parameters: readonly NamedParameter[];
  readonly masks: readonly MaskPlan[];
  readonly scores: LayerValue;
  /** [N, 1]. */
  readonly rowLoss: string;
}

/** Plans a model. @throws LockstepError MODEL_INVALID when the last layer does not fit the loss */
export function planModel(options: ModelOptions): ModelPlan {
  const training = build(options, true);
  const evaluation = build(options, false);
  const { parameters } = training;
  const layout = layoutParameters(
    parameters.map(({ fullName, shape }) => ({ name: fullName, shape, trainable: true })),
  );
  checkSize(layout);
  return {
    layout,
    initializers: Object.fromEntries(
      parameters.map(({ fullName, initializer, layer, tensor }) => [fullName, { initializer, layer, tensor }]),
    ),
    regularizers: parameters.flatMap(({ fullName, regularizer }) =>
      regularizer ? [{ tensor: fullName, l1: regularizer.l1, l2: regularizer.l2 }] : [],
    ),
    masks: training.masks,
    trainingGraph: trainingGraph(training),
    evaluationGraph: evaluationGraph(options, evaluation),
    outputWidth: training.scores.width,
    outputIsLogits: LOSSES[options.loss].foldedActivation !== null,
  };
}

function checkSize({ elementCount }: ParameterLayout): void {
  if (elementCount <= MAX_PARAMETERS) return;
  throw new LockstepError('MODEL_INVALID', {
    message: `The model has ${elementCount} parameters, at most ${MAX_PARAMETERS} fit in a model file.`,
    field: 'model',
    value: String(elementCount),
    fix: 'Use fewer units.',
  });
}

function build({ layers, loss, featureWidth, outputWidth, labels }: ModelOptions, training: boolean): Built {
  const builder = new GraphBuilder(training ? 'training' : 'evaluation');
  const parameters: NamedParameter[] = [];
  const masks: MaskPlan[] = [];
  const features = { value: builder.input('features', 'float32', ['N', featureWidth]), width: featureWidth };
  const target = builder.input('target', 'float32', ['N', 1]);
  if (training) builder.input(ROW_WEIGHT, 'float32', ['N', 1]);
  const scores = buildForward({
    builder,
    layers,
    features,
    loss,
    training,
    defineParameter(parameter) {
      parameters.push(parameter);
      return builder.input(parameter.fullName, 'float32', parameter.shape);
    },
    defineMask(mask) {
      builder.input(mask.input, 'float32', ['N', mask.width]);
      masks.push(mask);
    },
  });
  checkOutput({ layers, loss, width: scores.width, outputWidth, labels });
  const rowLoss = LOSSES[loss].rowLoss({ builder, scores: scores.value, target, width: scores.width });
  return { builder, parameters, masks, scores, rowLoss };
}

function addLossAndScores({ builder, rowLoss, scores }: Built): void {
  builder.output(ROW_LOSS, 'float32', ['N'], builder.node('Squeeze', [rowLoss, builder.int64s([1])]));
  builder.output('scores', 'float32', ['N', scores.width], scores.value);
}

function trainingGraph(built: Built): Graph {
  addLossAndScores(built);
  return differentiate(built.builder.build(), {
    loss: built.rowLoss,
    seed: ROW_WEIGHT,
    parameters: built.parameters.map(({ fullName }) => fullName),
    gradientName: (parameter) => `${GRADIENT_PREFIX}${parameter}`,
  });
}

function evaluationGraph({ loss }: ModelOptions, built: Built): Graph {
  const { builder, scores } = built;
  addLossAndScores(built);
  builder.output('probabilities', 'float32', ['N', scores.width], activate(builder, loss, scores.value));
  const graph = builder.build();
  verifyGraph(graph);
  return graph;
}

/** Scores as probabilities, or as they are for a regression. */
export function activate(builder: GraphBuilder, loss: LossName, scores: string): string {
  const folded = LOSSES[loss].foldedActivation;
  if (folded === 'sigmoid') return builder.node('Sigmoid', [scores]);
  if (folded === 'softmax') return builder.node('Softmax', [scores], { axis: attribute.int(-1) });
  return scores;
}

/** The flat parameter vector at step 0. Keyed by (seed, layer, tensor), so that no other layer changes a tensor. */
export function initializeParameters(plan: Initialization, seed: number): Float32Array {
  const flat = new Float32Array(plan.layout.elementCount);
  for (const _ of initializeInPieces(plan, seed, flat));
  return flat;
}

/**
 * Writes what {@link initializeParameters} returns into `flat`, which is all 0, in pieces of a fraction of a second.
 * @yields after each piece the elements of its tensor that are done
 */
export function* initializeInPieces(plan: Initialization, seed: number, flat: Float32Array): Generator<number> {
  for (const place of plan.layout.tensors) {
    const found = plan.initializers[place.name];
    if (!found) throw new Error(`parameter ${place.name} has no initialiser`);
    const fans = { fanIn: place.shape[0] ?? 1, fanOut: place.shape.at(-1) ?? 1 };
    const stream = new RandomStream(seed, RandomPurpose.initialize, found.layer, found.tensor);
    const tensor = tensorView(flat, place);
    for (let start = 0; start < tensor.length; start += PIECE_ELEMENTS) {
      const end = Math.min(start + PIECE_ELEMENTS, tensor.length);
      INITIALIZERS[found.initializer].fill(tensor.subarray(start, end), fans, stream, start);
      yield end;
    }
  }
}
