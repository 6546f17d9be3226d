/** Both engines on the same models: the gradients of our autodiff on ONNX Runtime, and those of TensorFlow.js's own. */
import { createEngine, type Engine, type EngineTensor, type TfjsBackend } from '@lockstep/engine';
import { encodeModel, initializeParameters, type ModelPlan, planModel } from '@lockstep/model';
import { tensorView } from '@lockstep/protocol/core';
import type { ActivationName, LayerSpec, LossName } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { pattern, tensor } from './engine-tensors.ts';

type Dense = Extract<LayerSpec, { type: 'dense' }>;
type Feeds = Readonly<Record<string, EngineTensor>>;

const ROWS = 13;
const FEATURES = 6;
/** Of the largest element of a tensor. */
const TOLERANCE = 1e-4;

const dense = (units: number, activation: ActivationName, more: Partial<Dense> = {}): Dense => ({
  ...{ type: 'dense', units, activation, useBias: true },
  ...{ kernelInitializer: 'glorotUniform', biasInitializer: 'glorotNormal' },
  ...more,
});

/** What stands between a first and a last dense layer: an entry for every layer type of the spec. */
const LAYERS: Readonly<Record<LayerSpec['type'], readonly LayerSpec[]>> = {
  dense: [dense(8, 'linear', { useBias: false, kernelRegularizer: { l1: 0.1, l2: 0.2 } })],
  dropout: [{ type: 'dropout', rate: 0.4 }],
  relu: [{ type: 'relu' }],
  sigmoid: [{ type: 'sigmoid' }],
  softmax: [{ type: 'softmax' }],
  tanh: [{ type: 'tanh' }],
};
/** Every activation of the spec. */
const ACTIVATIONS: Readonly<Record<ActivationName, true>> = {
  ...{ linear: true, relu: true, sigmoid: true, softmax: true, tanh: true },
};
/** Every loss of the spec: width and activation of the output, and the target of a row. */
const LOSSES: Readonly<
  Record<LossName, { readonly width: number; readonly end: ActivationName; readonly target: (row: number) => number }>
> = {
  mse: { width: 1, end: 'linear', target: (row) => Math.sin(row) * 3 },
  binaryCrossEntropy: { width: 1, end: 'sigmoid', target: (row) => row % 2 },
  categoricalCrossEntropy: { width: 5, end: 'softmax', target: (row) => row % 5 },
  sparseCategoricalCrossEntropy: { width: 3, end: 'softmax', target: (row) => row % 3 },
};

interface Case {
  readonly name: string;
  readonly loss: LossName;
  readonly layers: readonly LayerSpec[];
}

const CASES: readonly Case[] = (Object.keys(LOSSES) as LossName[]).flatMap((loss) => {
  const { width, end } = LOSSES[loss];
  const last = dense(width, end);
  return [
    ...Object.entries(LAYERS).map(([type, layers]) => ({
      ...{ name: `${loss} after the layer ${type}`, loss, layers: [dense(7, 'linear'), ...layers, last] },
    })),
    ...(Object.keys(ACTIVATIONS) as ActivationName[]).map((activation) => ({
      ...{ name: `${loss} after the activation ${activation}`, loss, layers: [dense(9, activation), last] },
    })),
  ];
});

/** Inputs of a training graph: weights with zeros among them, and masks of dropout. */
function feedsOf(engine: Engine, plan: ModelPlan, loss: LossName): Feeds {
  const flat = engine.allocate('float32', plan.layout.elementCount);
  flat.set(initializeParameters(plan, 7));
  const rows = (width: number, fill: (row: number) => number): EngineTensor =>
    tensor(
      'float32',
      [ROWS, width],
      engine.allocate('float32', ROWS * width).map((_, index) => fill(index)),
    );
  return {
    features: tensor('float32', [ROWS, FEATURES], pattern(engine, ROWS * FEATURES, 3)),
    target: rows(1, LOSSES[loss].target),
    weight: rows(1, (row) => [0, 1, 2.5][row % 3] as number),
    ...Object.fromEntries(
      plan.masks.map(({ input, width, rate }) => [input, rows(width, (index) => (index % 5 < 2 ? 0 : 1 / (1 - rate)))]),
    ),
    ...Object.fromEntries(
      plan.layout.tensors.map((place) => [place.name, tensor('float32', place.shape, tensorView(flat, place))]),
    ),
  };
}

async function outputsOf(engine: Engine, plan: ModelPlan, loss: LossName): Promise<Readonly<Record<string, number[]>>> {
  const session = await engine.createSession(encodeModel(plan.trainingGraph));
  const wanted = Object.fromEntries(session.outputs.map(({ name }) => [name, null]));
  const results = await session.run(feedsOf(engine, plan, loss), wanted);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

/** The largest difference, as a fraction of the largest element. */
function distance(left: readonly number[], right: readonly number[]): number {
  expect(left).toHaveLength(right.length);
  const largest = Math.max(...left.map(Math.abs), Number.MIN_VALUE);
  return Math.max(...left.map((value, index) => Math.abs(value - (right[index] as number)))) / largest;
}

/** Declares the comparison for one backend of TensorFlow.js. */
export function describeAgreement(backend: TfjsBackend): void {
  describe(`both engines agree on losses, scores and every gradient, tfjs on ${backend}`, async () => {
    const [onnxRuntime, tfjs] = [await createEngine(), await createEngine({ engine: 'tfjs', backend })];

    it.each(CASES)('$name', async ({ loss, layers }) => {
      const plan = planModel({ layers, loss, featureWidth: FEATURES, outputWidth: LOSSES[loss].width });
      const [expected, found] = [await outputsOf(onnxRuntime, plan, loss), await outputsOf(tfjs, plan, loss)];
      expect(Object.keys(found)).toEqual(Object.keys(expected));
      expect(Object.keys(found)).toHaveLength(2 + plan.layout.tensors.length);
      for (const [name, values] of Object.entries(expected)) {
        expect(Math.max(...values.map(Math.abs)), name).toBeGreaterThan(0);
        expect(distance(values, found[name] as number[]), name).toBeLessThan(TOLERANCE);
      }
    });
  });
}
