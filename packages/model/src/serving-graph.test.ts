import type { LayerSpec, LossName, Task } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { attribute } from './graph/attribute.js';
import type { GraphBuilder } from './graph/builder.js';
import { decodeModel } from './onnx/decode.js';
import { encodeModel } from './onnx/encode.js';
import { buildServingGraph, type ServingOptions } from './serving-graph.js';
import { float32, numbersOf, runGraph } from './testing/run-graph.js';
import { initializeParameters, planModel } from './training-graph.js';

const ROWS = [
  [0.5, -1],
  [1.5, 0.25],
  [-2, 1],
  [0, 0],
];

/** Two double columns as features. */
function columns(...names: string[]): (builder: GraphBuilder) => string {
  return (builder) => {
    const inputs = names.map((name) => builder.input(name, 'float64', ['N', 1]));
    const joined = builder.node('Concat', inputs, { axis: attribute.int(1) });
    return builder.node('Cast', [joined], { to: attribute.int(1) });
  };
}

function raw(): Record<string, { type: 'float64'; shape: number[]; data: Float64Array }> {
  const column = (index: number) => ({
    type: 'float64' as const,
    shape: [4, 1],
    data: Float64Array.from(ROWS, (row) => row[index]!),
  });
  return { a: column(0), b: column(1) };
}

function serving(
  task: Task,
  labels: readonly string[] | null,
  change: Partial<ServingOptions> = {},
): { options: ServingOptions; plan: ReturnType<typeof planModel> } {
  const loss: LossName =
    task === 'binary' ? 'binaryCrossEntropy' : task === 'multiclass' ? 'sparseCategoricalCrossEntropy' : 'mse';
  const outputWidth = task === 'multiclass' ? labels!.length : 1;
  const activation = task === 'binary' ? 'sigmoid' : task === 'multiclass' ? 'softmax' : 'linear';
  const dense = { type: 'dense', useBias: true, kernelInitializer: 'heUniform', biasInitializer: 'zeros' } as const;
  const layers: LayerSpec[] = [
    { ...dense, units: 6, activation: 'tanh' },
    { type: 'dropout', rate: 0.5 },
    { ...dense, units: outputWidth, activation },
  ];
  const plan = planModel({ layers, loss, featureWidth: 2, outputWidth });
  const parameters = initializeParameters(plan, 3);
  return {
    plan,
    options: {
      layers,
      loss,
      layout: plan.layout,
      parameters,
      task,
      labels,
      featureWidth: 2,
      preprocessing: columns('a', 'b'),
      ...change,
    },
  };
}

/** Probabilities, or values, of the evaluation graph on the same rows. */
async function evaluated({ options, plan }: ReturnType<typeof serving>): Promise<number[]> {
  const feeds = Object.fromEntries(
    plan.layout.tensors.map(({ name, shape, start, length }) => [
      name,
      float32(shape, options.parameters.subarray(start, start + length)),
    ]),
  );
  const features = float32([4, 2], ROWS.flat());
  const results = await runGraph(plan.evaluationGraph, { ...feeds, features, target: float32([4, 1], [0, 0, 0, 0]) });
  return numbersOf(results, 'probabilities');
}

describe('buildServingGraph', () => {
  it('answers two classes with the original text and both probabilities', async () => {
    const built = serving('binary', ['no', 'yes']);
    const results = await runGraph(buildServingGraph(built.options), raw());
    const second = await evaluated(built);
    expect(results.prediction?.shape).toEqual([4]);
    expect(results.prediction?.data).toEqual(second.map((p) => (p >= 0.5 ? 'yes' : 'no')));
    expect(new Set(results.prediction?.data).size).toBe(2);
    expect(results.probabilities?.shape).toEqual([4, 2]);
    numbersOf(results, 'probabilities').forEach((p, index) => {
      const expected = second[Math.floor(index / 2)]!;
      expect(p).toBeCloseTo(index % 2 === 1 ? expected : 1 - expected, 6);
    });
  });

  it('answers with the second class from a probability of one half on', async () => {
    const { options } = serving('binary', ['no', 'yes']);
    const results = await runGraph(
      buildServingGraph({ ...options, parameters: options.parameters.map(() => 0) }),
      raw(),
    );
    expect(results.prediction?.data).toEqual(['yes', 'yes', 'yes', 'yes']);
    expect(numbersOf(results, 'probabilities')).toEqual(Array(8).fill(0.5));
  });

  it('answers several classes with whole-number labels as int64', async () => {
    const built = serving('multiclass', ['-3', '0', '12']);
    const graph = buildServingGraph(built.options);
    const results = await runGraph(graph, raw());
    const expected = await evaluated(built);
    expect(graph.outputs).toEqual([
      { name: 'prediction', type: 'int64', shape: ['N'] },
      { name: 'probabilities', type: 'float32', shape: ['N', 3] },
    ]);
    numbersOf(results, 'probabilities').forEach((p, index) => {
      expect(p).toBeCloseTo(expected[index]!, 6);
    });
    const best = [0, 1, 2, 3].map((row) => {
      const own = expected.slice(row * 3, row * 3 + 3);
      return [-3n, 0n, 12n][own.indexOf(Math.max(...own))];
    });
    expect(results.prediction?.data).toEqual(best);
  });

  it.each([
    ['leading zeros', ['01', '2']],
    ['fractions', ['1.0', '2.0']],
    ['a sign on zero', ['-0', '1']],
    ['more digits than are exact', ['1', '9007199254740993']],
    ['one word among numbers', ['1', 'two']],
  ])('keeps labels with %s as text', (_, labels) => {
    const { options } = serving('binary', labels);
    const graph = buildServingGraph(options);
    expect(graph.outputs[0]).toEqual({ name: 'prediction', type: 'string', shape: ['N'] });
    expect(graph.initializers.find(({ type }) => type === 'string')?.data).toEqual([...labels, '']);
  });

  it('answers a regression with the value alone', async () => {
    const built = serving('regression', null);
    const graph = buildServingGraph(built.options);
    expect(graph.outputs).toEqual([{ name: 'prediction', type: 'float32', shape: ['N'] }]);
    const expected = await evaluated(built);
    numbersOf(await runGraph(graph, raw()), 'prediction').forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 6);
    });
  });

  it.each([
    ['binary', ['no', 'yes'], ''],
    ['binary', ['0', '1'], -(2n ** 63n)],
    ['multiclass', ['a', 'b', 'c'], ''],
    ['multiclass', ['-3', '0', '12'], -(2n ** 63n)],
    ['regression', null, Number.NaN],
  ] as const)(
    'has no answer of %s %j for a row with a missing feature, whatever its layers make of NaN',
    async (task, labels, none) => {
      const { options } = serving(task, labels);
      const relu = options.layers.map((layer) =>
        layer.type === 'dense' && layer.units === 6 ? { ...layer, activation: 'relu' as const } : layer,
      );
      const whole = await runGraph(buildServingGraph({ ...options, layers: relu }), raw());
      const { a, b } = raw();
      a!.data[1] = Number.NaN;
      b!.data[3] = Number.NaN;
      const holed = await runGraph(buildServingGraph({ ...options, layers: relu }), { a: a!, b: b! });
      const expected = (name: string, missing: unknown): unknown[] => {
        const all = Array.from<unknown>(whole[name]!.data as Iterable<unknown>);
        return all.map((value, place) => ([1, 3].includes(Math.floor(place / (all.length / 4))) ? missing : value));
      };
      expect(Array.from<unknown>(holed.prediction!.data as Iterable<unknown>)).toEqual(expected('prediction', none));
      if (labels) expect(numbersOf(holed, 'probabilities')).toEqual(expected('probabilities', Number.NaN));
    },
  );

  it('holds the parameters as initialisers of their own names, bit for bit, and no mask', () => {
    const { options, plan } = serving('binary', ['no', 'yes']);
    const { graph } = decodeModel(encodeModel(buildServingGraph(options)));
    expect(graph.inputs.map(({ name }) => name)).toEqual(['a', 'b']);
    for (const { name, shape, start, length } of plan.layout.tensors) {
      const tensor = graph.initializers.find((found) => found.name === name);
      expect(tensor?.shape).toEqual(shape);
      expect(tensor?.data).toEqual(options.parameters.slice(start, start + length));
    }
  });

  it.each(['prediction', 'probabilities'])('refuses a raw column named %s', (name) => {
    const { options } = serving('regression', null, { preprocessing: columns('a', name) });
    expect(() => buildServingGraph(options)).toThrow(
      expect.objectContaining({
        code: 'MODEL_INVALID',
        value: name,
        message: `The column ${name} has the name of an output of the model.`,
      }),
    );
  });

  it.each([
    ['values inside the graph', 'gemm_0', 'labels_0'],
    ['parameters', '0_dense/kernel', '0_dense/bias'],
  ])('takes raw columns named like %s, to the same predictions', async (_what, first, second) => {
    const { options } = serving('binary', ['no', 'yes'], { preprocessing: columns(first, second) });
    const plain = serving('binary', ['no', 'yes']);
    const { a, b } = raw();
    const results = await runGraph(buildServingGraph(options), { [first]: a!, [second]: b! });
    const expected = await runGraph(buildServingGraph(plain.options), { a: a!, b: b! });
    expect(results.prediction?.data).toEqual(expected.prediction?.data);
    expect(results.probabilities?.data).toEqual(expected.probabilities?.data);
  });
});
