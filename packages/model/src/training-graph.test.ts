import { type LockstepError, tensorView } from '@lockstep/protocol/core';
import type { LayerSpec, LossName } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { referenceGradient, referenceOutputs, referenceRowLosses } from './testing/reference-model.js';
import { type Feed, float32, numbersOf, runGraph } from './testing/run-graph.js';
import { initializeParameters, type ModelOptions, planModel } from './training-graph.js';

type Dense = Extract<LayerSpec, { type: 'dense' }>;

const dense = (units: number, activation: Dense['activation'], more: Partial<Dense> = {}): Dense => ({
  type: 'dense',
  units,
  activation,
  useBias: true,
  kernelInitializer: 'glorotNormal',
  biasInitializer: 'ones',
  ...more,
});

const FEATURES = [
  [0.5, -1, 2],
  [1.5, 0.25, -0.75],
  [-2, 1, 0.125],
  [0, 0.5, -0.5],
  [1, 1, 1],
];
const WEIGHT = [1, 0.5, 0, 2, 1];

interface Case {
  readonly name: string;
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly outputWidth: number;
  readonly target: readonly number[];
}

const BINARY = [0, 1, 1, 0, 1];
const CLASSES = [2, 0, 1, 1, 2];
const VALUES = [0.5, -3, 2, 0, 1.25];

const CASES: readonly Case[] = [
  { name: 'a line', layers: [dense(1, 'linear')], loss: 'mse', outputWidth: 1, target: VALUES },
  {
    name: 'a regression through tanh and relu, one layer without a bias',
    layers: [dense(4, 'tanh', { useBias: false }), dense(3, 'relu'), dense(1, 'linear')],
    loss: 'mse',
    outputWidth: 1,
    target: VALUES,
  },
  {
    name: 'a regression whose output is a sigmoid',
    layers: [dense(4, 'softmax'), dense(1, 'sigmoid')],
    loss: 'mse',
    outputWidth: 1,
    target: VALUES,
  },
  {
    name: 'two classes with dropout',
    layers: [{ type: 'dropout', rate: 0.25 }, dense(4, 'relu'), { type: 'dropout', rate: 0.5 }, dense(1, 'sigmoid')],
    loss: 'binaryCrossEntropy',
    outputWidth: 1,
    target: BINARY,
  },
  {
    name: 'two classes with activations as layers',
    layers: [dense(4, 'linear'), { type: 'sigmoid' }, { type: 'tanh' }, dense(1, 'linear'), { type: 'sigmoid' }],
    loss: 'binaryCrossEntropy',
    outputWidth: 1,
    target: BINARY,
  },
  {
    name: 'three classes',
    layers: [dense(5, 'relu'), dense(3, 'softmax')],
    loss: 'sparseCategoricalCrossEntropy',
    outputWidth: 3,
    target: CLASSES,
  },
  {
    name: 'three classes under the other name, softmax as a layer',
    layers: [dense(3, 'sigmoid'), dense(3, 'linear'), { type: 'softmax' }],
    loss: 'categoricalCrossEntropy',
    outputWidth: 3,
    target: CLASSES,
  },
];

/** A planned case with what its graphs are fed, and the same in float64. */
function prepare({ layers, loss, outputWidth, target }: Case) {
  const plan = planModel({ layers, loss, outputWidth, featureWidth: 3 });
  const flat = initializeParameters(plan, 7);
  const parameters = Object.fromEntries(
    plan.layout.tensors.map((tensor) => [tensor.name, { ...tensor, data: tensorView(flat, tensor) }]),
  );
  const masks = Object.fromEntries(
    plan.masks.map(({ input, width, rate }) => [
      input,
      float32(
        [5, width],
        Array.from({ length: 5 * width }, (_, at) => (at % 3 === 0 ? 0 : 1 / (1 - rate))),
      ),
    ]),
  );
  const feeds: Record<string, Feed> = {
    features: float32([5, 3], FEATURES.flat()),
    target: float32([5, 1], target),
  };
  for (const [name, { shape, data }] of Object.entries(parameters)) feeds[name] = float32(shape, data);
  const asNumbers = (from: Record<string, { data: Iterable<unknown> }>) =>
    Object.fromEntries(Object.entries(from).map(([name, { data }]) => [name, Array.from(data, Number)]));
  const batch = { layers, loss, parameters: asNumbers(parameters), masks: {}, features: FEATURES, target };
  return { plan, feeds, masks, batch, trainingBatch: { ...batch, masks: asNumbers(masks) } };
}

function expectClose(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual, what).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    const wanted = expected[index]!;
    const error = Math.abs(value - wanted);
    expect(error, `${what}[${index}] is ${value}, not ${wanted}`).toBeLessThanOrEqual(2e-6 + 2e-5 * Math.abs(wanted));
  });
}

describe.each(CASES.map((found) => [found.name, found] as const))('planModel: %s', (_, found) => {
  it('trains on the losses and gradients of the reference', async () => {
    const { plan, feeds, masks, trainingBatch } = prepare(found);
    const weighted = { ...feeds, ...masks, weight: float32([5, 1], WEIGHT) };
    const results = await runGraph(plan.trainingGraph, weighted);
    expect(results.rowLoss?.shape).toEqual([5]);
    expect(results.scores?.shape).toEqual([5, found.outputWidth]);
    expectClose(numbersOf(results, 'rowLoss'), referenceRowLosses(trainingBatch), 'rowLoss');
    for (const { name, shape } of plan.layout.tensors) {
      expect(results[`gradient/${name}`]?.shape).toEqual(shape);
      const expected = referenceGradient(trainingBatch, WEIGHT, name);
      expectClose(numbersOf(results, `gradient/${name}`), expected, `gradient of ${name}`);
    }
  });

  it('evaluates without dropout to the losses and outputs of the reference', async () => {
    const { plan, feeds, batch } = prepare(found);
    const results = await runGraph(plan.evaluationGraph, feeds);
    expectClose(numbersOf(results, 'rowLoss'), referenceRowLosses(batch), 'rowLoss');
    expectClose(numbersOf(results, 'probabilities'), referenceOutputs(batch).flat(), 'probabilities');
    expect(results.scores?.shape).toEqual([5, found.outputWidth]);
  });
});

describe('planModel', () => {
  const options: ModelOptions = {
    layers: [
      dense(4, 'relu', { kernelRegularizer: { l1: 0.1, l2: 0.2 } }),
      { type: 'dropout', rate: 0.5 },
      dense(1, 'sigmoid', { useBias: false }),
    ],
    loss: 'binaryCrossEntropy',
    featureWidth: 3,
    outputWidth: 1,
  };

  it('lays parameters out in layer order, kernel then bias, on 64-byte boundaries', () => {
    const { layout } = planModel(options);
    expect(layout.tensors).toEqual([
      { name: '0_dense/kernel', shape: [3, 4], start: 0, length: 12, trainable: true },
      { name: '0_dense/bias', shape: [4], start: 16, length: 4, trainable: true },
      { name: '2_dense/kernel', shape: [4, 1], start: 32, length: 4, trainable: true },
    ]);
    expect(layout.elementCount).toBe(48);
  });

  it('lists masks, regularisers and initialisers', () => {
    const { masks, regularizers, initializers, outputIsLogits, outputWidth } = planModel(options);
    expect(masks).toEqual([{ input: 'mask/1', layer: 1, width: 4, rate: 0.5 }]);
    expect(regularizers).toEqual([{ tensor: '0_dense/kernel', l1: 0.1, l2: 0.2 }]);
    expect(initializers).toEqual({
      '0_dense/kernel': { initializer: 'glorotNormal', layer: 0, tensor: 0 },
      '0_dense/bias': { initializer: 'ones', layer: 0, tensor: 1 },
      '2_dense/kernel': { initializer: 'glorotNormal', layer: 2, tensor: 0 },
    });
    expect({ outputIsLogits, outputWidth }).toEqual({ outputIsLogits: true, outputWidth: 1 });
  });

  it('has exactly the inputs and outputs that workers feed and fetch', () => {
    const { trainingGraph, evaluationGraph } = planModel(options);
    const names = (values: readonly { name: string }[]) => values.map(({ name }) => name).sort();
    const parameters = ['0_dense/bias', '0_dense/kernel', '2_dense/kernel'];
    expect(names(trainingGraph.inputs)).toEqual([...parameters, 'features', 'mask/1', 'target', 'weight']);
    expect(names(trainingGraph.outputs)).toEqual([
      ...parameters.map((name) => `gradient/${name}`),
      'rowLoss',
      'scores',
    ]);
    expect(names(evaluationGraph.inputs)).toEqual([...parameters, 'features', 'target']);
    expect(names(evaluationGraph.outputs)).toEqual(['probabilities', 'rowLoss', 'scores']);
  });

  it('computes gradients of dense layers without transposing anything', () => {
    const { trainingGraph } = planModel({
      ...options,
      layers: [dense(4, 'relu'), dense(4, 'tanh'), dense(1, 'sigmoid')],
    });
    const count = (op: string) => trainingGraph.nodes.filter((node) => node.op === op).length;
    expect(count('Transpose')).toBe(0);
    expect(count('Gemm')).toBe(3 + 3 + 2);
  });

  it('plans the same graphs every time', () => {
    expect(planModel(options)).toEqual(planModel(options));
  });

  it('plans a thousand layers', () => {
    const layers = [...Array.from({ length: 999 }, () => dense(2, 'relu')), dense(1, 'sigmoid')];
    expect(planModel({ ...options, layers }).layout.tensors).toHaveLength(2000);
  });
});

describe('planModel refuses', () => {
  const binary = { loss: 'binaryCrossEntropy', outputWidth: 1, featureWidth: 3 } as const;
  const classes = { loss: 'sparseCategoricalCrossEntropy', outputWidth: 3, featureWidth: 3 } as const;

  it.each<[string, ModelOptions, Partial<LockstepError>]>([
    [
      'two outputs for two classes',
      { ...binary, layers: [dense(2, 'sigmoid')] },
      {
        field: 'model[0].dense.units',
        value: '2',
        message: 'The last dense layer has 2 outputs, but binaryCrossEntropy needs one output.',
        fix: 'Set units: 1 in the last dense layer.',
      },
    ],
    [
      'too few outputs for the classes, the dense layer not being last',
      { ...classes, layers: [dense(4, 'relu'), dense(1, 'linear'), { type: 'softmax' }] },
      {
        field: 'model[1].dense.units',
        value: '1',
        message:
          'The last dense layer has one output, but sparseCategoricalCrossEntropy needs 3 outputs, one per class.',
      },
    ],
    [
      'no dense layer at all',
      { ...binary, layers: [{ type: 'relu' }] },
      { field: 'model', value: '3', fix: 'End the model with a dense layer of units: 1.' },
    ],
    [
      'another final activation',
      { ...binary, layers: [dense(1, 'relu')] },
      {
        field: 'model[0]',
        value: 'relu',
        message: 'The last activation is relu, but binaryCrossEntropy needs sigmoid.',
        fix: 'Set activation: sigmoid in the last dense layer.',
      },
    ],
    ['a sigmoid for classes', { ...classes, layers: [dense(3, 'sigmoid')] }, { field: 'model[0]', value: 'sigmoid' }],
    [
      'dropout at the end',
      { ...binary, layers: [dense(1, 'sigmoid'), { type: 'dropout', rate: 0.5 }] },
      { field: 'model[1]', value: 'dropout', fix: 'Move the dropout before the last dense layer.' },
    ],
    ['no layers', { ...binary, layers: [] }, { field: 'model', fix: 'Add a dense layer.' }],
    [
      'more parameters than a model file holds',
      { ...binary, layers: [dense(1_000_000, 'relu'), dense(1_000_000, 'relu'), dense(1, 'sigmoid')] },
      { field: 'model', fix: 'Use fewer units.' },
    ],
  ])('%s', (_, options, expected) => {
    expect.assertions(2);
    try {
      planModel(options);
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'MODEL_INVALID' });
      expect(thrown).toMatchObject(expected);
    }
  });

  it('nothing where a model ends in logits: a linear output counts as such', async () => {
    const plan = planModel({ ...binary, layers: [dense(1, 'linear')] });
    expect(plan.outputIsLogits).toBe(true);
    const same = planModel({ ...binary, layers: [dense(1, 'sigmoid')] });
    expect(plan.trainingGraph).toEqual(same.trainingGraph);
  });
});

describe('initializeParameters', () => {
  const plan = (layers: readonly LayerSpec[]) => planModel({ layers, loss: 'mse', featureWidth: 3, outputWidth: 1 });
  const tensorOf = (layers: readonly LayerSpec[], name: string, seed = 42) => {
    const planned = plan(layers);
    const tensor = planned.layout.tensors.find((found) => found.name === name)!;
    return tensorView(initializeParameters(planned, seed), tensor);
  };

  it('fills each tensor by its own initialiser and leaves the padding 0', () => {
    const flat = initializeParameters(plan([dense(1, 'linear', { kernelInitializer: 'ones' })]), 42);
    expect(Array.from(flat)).toEqual([1, 1, 1, ...Array(13).fill(0), 1, ...Array(15).fill(0)]);
  });

  it('gives a layer the same start whatever the other layers have', () => {
    const wide = [dense(4, 'relu'), dense(1, 'linear')];
    const bare = [dense(4, 'relu', { useBias: false }), dense(1, 'linear')];
    expect(tensorOf(wide, '1_dense/kernel')).toEqual(tensorOf(bare, '1_dense/kernel'));
  });

  it('gives tensors of different layers, and other seeds, other numbers', () => {
    const layers = [dense(3, 'relu'), dense(3, 'relu'), dense(1, 'linear')];
    expect(tensorOf(layers, '0_dense/kernel')).not.toEqual(tensorOf(layers, '1_dense/kernel'));
    expect(tensorOf(layers, '0_dense/kernel', 1)).not.toEqual(tensorOf(layers, '0_dense/kernel', 2));
    const random = [dense(3, 'linear', { biasInitializer: 'glorotNormal' }), dense(1, 'linear')];
    const kernelStart = tensorOf(random, '0_dense/kernel').slice(0, 3);
    expect(tensorOf(random, '0_dense/bias')).not.toEqual(kernelStart);
  });
});
