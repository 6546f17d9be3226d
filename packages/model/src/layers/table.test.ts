import type { LayerSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { float32, numbersOf, runGraph } from '../testing/run-graph.js';
import type { ParameterRequest } from './layer.js';
import { buildLayer, LAYERS } from './table.js';

const DENSE: Extract<LayerSpec, { type: 'dense' }> = {
  type: 'dense',
  units: 2,
  activation: 'linear',
  useBias: true,
  kernelInitializer: 'heNormal',
  biasInitializer: 'ones',
};

/** One layer over [2, 3] rows; parameters and masks are inputs of the graph under their short names. */
function single(spec: LayerSpec, training = true) {
  const builder = new GraphBuilder('layer');
  const requests: ParameterRequest[] = [];
  const masks: [number, number][] = [];
  const context = {
    builder,
    training,
    parameter(request: ParameterRequest): string {
      requests.push(request);
      return builder.input(request.name, 'float32', request.shape);
    },
    mask(width: number, rate: number): string {
      masks.push([width, rate]);
      return builder.input('mask', 'float32', ['N', width]);
    },
  };
  const out = buildLayer(spec, context, { value: builder.input('x', 'float32', ['N', 3]), width: 3 });
  builder.output('y', 'float32', ['N', out.width], out.value);
  return { graph: builder.build(), width: out.width, requests, masks };
}

const X = [0.5, -1, 2, 0, 3, -4];

async function applied(type: 'relu' | 'sigmoid' | 'tanh' | 'softmax'): Promise<number[]> {
  return numbersOf(await runGraph(single({ type }).graph, { x: float32([2, 3], X) }), 'y');
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(expected[index]!, 6);
}

describe('layers', () => {
  it('stand in the table under their own names', () => {
    for (const [name, layer] of Object.entries(LAYERS)) expect(layer.type).toBe(name);
  });

  it('dense is input x kernel + bias', async () => {
    const { graph, width } = single(DENSE);
    expect(width).toBe(2);
    const feeds = {
      x: float32([2, 3], X),
      kernel: float32([3, 2], [1, 2, 3, 4, 5, 6]),
      bias: float32([2], [0.25, -0.25]),
    };
    expect(numbersOf(await runGraph(graph, feeds), 'y')).toEqual([7.75, 8.75, -10.75, -12.25]);
  });

  it('dense asks for its kernel and bias as the spec says', () => {
    const kernelRegularizer = { l1: 0, l2: 0.01 };
    expect(single({ ...DENSE, kernelRegularizer }).requests).toEqual([
      { name: 'kernel', shape: [3, 2], initializer: 'heNormal', regularizer: kernelRegularizer },
      { name: 'bias', shape: [2], initializer: 'ones', regularizer: undefined },
    ]);
  });

  it('dense without a bias has only a kernel', async () => {
    const { graph, requests } = single({ ...DENSE, useBias: false });
    expect(requests.map(({ name }) => name)).toEqual(['kernel']);
    const feeds = { x: float32([2, 3], X), kernel: float32([3, 2], [1, 2, 3, 4, 5, 6]) };
    expect(numbersOf(await runGraph(graph, feeds), 'y')).toEqual([7.5, 9, -11, -12]);
  });

  it('dropout multiplies by the mask while training', async () => {
    const { graph, masks } = single({ type: 'dropout', rate: 0.5 });
    expect(masks).toEqual([[3, 0.5]]);
    const feeds = { x: float32([2, 3], X), mask: float32([2, 3], [2, 0, 2, 0, 2, 2]) };
    expect(numbersOf(await runGraph(graph, feeds), 'y')).toEqual([1, -0, 4, 0, 6, -8]);
  });

  it('dropout does nothing outside training, nor at rate 0', () => {
    for (const { graph, masks } of [
      single({ type: 'dropout', rate: 0.5 }, false),
      single({ type: 'dropout', rate: 0 }),
    ]) {
      expect(masks).toEqual([]);
      expect(graph.nodes.map(({ op }) => op)).toEqual(['Identity']);
    }
  });

  it('relu cuts at 0', async () => {
    expect(await applied('relu')).toEqual([0.5, 0, 2, 0, 3, 0]);
  });

  it('sigmoid and tanh follow their definitions', async () => {
    expectClose(
      await applied('sigmoid'),
      X.map((x) => 1 / (1 + Math.exp(-x))),
    );
    expectClose(await applied('tanh'), X.map(Math.tanh));
  });

  it('softmax sums to 1 over the outputs of a row', async () => {
    const rows = [X.slice(0, 3), X.slice(3)];
    const expected = rows.flatMap((row) => {
      const powers = row.map(Math.exp);
      return powers.map((power) => power / powers.reduce((sum, other) => sum + other));
    });
    expectClose(await applied('softmax'), expected);
  });
});
