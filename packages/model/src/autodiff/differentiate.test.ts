import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { attribute } from '../graph/attribute.js';
import { GraphBuilder } from '../graph/builder.js';
import type { Dimension, Graph } from '../graph/graph.js';
import { float32, numbersOf, runGraph } from '../testing/run-graph.js';
import { differentiate } from './differentiate.js';
import { allRules } from './table.js';

/** A graph with parameter x and seed, both of a shape, and whatever `build` makes of x. */
function gradientGraph(
  build: (builder: GraphBuilder, x: string) => string,
  { shape = [3], seed = shape }: { shape?: readonly Dimension[]; seed?: readonly Dimension[] } = {},
): Graph {
  const builder = new GraphBuilder('test');
  const x = builder.input('x', 'float32', shape);
  builder.input('seed', 'float32', seed);
  const loss = build(builder, x);
  return differentiate(builder.build(), { loss, seed: 'seed', parameters: ['x'], gradientName: (name) => `d${name}` });
}

async function gradientAt(graph: Graph, x: readonly number[], seed = x.map(() => 1)): Promise<number[]> {
  const results = await runGraph(graph, { x: float32([x.length], x), seed: float32([seed.length], seed) });
  return numbersOf(results, 'dx');
}

const opsOf = (graph: Graph): string[] => graph.nodes.map(({ op }) => op);

describe('differentiate', () => {
  it('adds what every consumer contributes', async () => {
    const graph = gradientGraph((builder, x) => {
      const square = builder.node('Mul', [x, x]);
      return builder.node('Add', [builder.node('Sub', [square, x]), builder.node('Exp', [x])]);
    });
    const [at] = await gradientAt(graph, [0.5, 1, 2], [2, 0, 0]);
    expect(at).toBeCloseTo(2 * (2 * 0.5 - 1 + Math.exp(0.5)), 5);
  });

  it('adds contributions in the order of their consumers, last first', () => {
    const graph = gradientGraph((builder, x) => {
      const [a, b, c] = ['Exp', 'Tanh', 'Neg'].map((op) => builder.node(op, [x])) as [string, string, string];
      return builder.node('Add', [builder.node('Add', [a, b]), c]);
    });
    const sums = graph.nodes.filter(({ op, name }) => op === 'Add' && Number(name.split('_')[1]) > 4);
    const producers = sums.map(({ inputs }) =>
      inputs.map((input) => graph.nodes.find(({ outputs }) => outputs[0] === input)!.op),
    );
    expect(producers).toEqual([
      ['Neg', 'Mul'],
      ['Add', 'Mul'],
    ]);
    const [, last] = sums;
    const byExp = graph.nodes.find(({ outputs }) => outputs[0] === last!.inputs[1])!;
    expect(byExp.inputs[1]).toBe('exp_0');
  });

  it('writes the same nodes every time', () => {
    const build = () => gradientGraph((builder, x) => builder.node('Softmax', [builder.node('Mul', [x, x])]));
    expect(build()).toEqual(build());
  });

  it('keeps the graph and its outputs, and adds one output per parameter', () => {
    const builder = new GraphBuilder('test');
    const [a, b] = [builder.input('a', 'float32', [2]), builder.input('b', 'float32', [2])];
    builder.input('seed', 'float32', [2]);
    builder.output('sum', 'float32', [2], builder.node('Add', [a, b]));
    const before = builder.build();
    const after = differentiate(before, {
      loss: 'sum',
      seed: 'seed',
      parameters: [a, b],
      gradientName: (name) => `d/${name}`,
    });
    expect(after.nodes.slice(0, before.nodes.length)).toEqual(before.nodes);
    expect(after.outputs.map(({ name }) => name)).toEqual(['sum', 'd/a', 'd/b']);
    expect(before.outputs).toHaveLength(1);
  });

  it('gives zeros of its shape to a parameter that does not reach the loss', async () => {
    const builder = new GraphBuilder('test');
    const x = builder.input('x', 'float32', [2]);
    const apart = builder.input('apart', 'float32', [2, 2]);
    builder.input('seed', 'float32', [2]);
    builder.node('Tanh', [apart]);
    const loss = builder.node('Exp', [x]);
    const graph = differentiate(builder.build(), { loss, seed: 'seed', parameters: [apart], gradientName: () => 'd' });
    expect(opsOf(graph)).toEqual(['Tanh', 'Exp', 'Identity']);
    const feeds = { x: float32([2], [1, 2]), apart: float32([2, 2], [1, 2, 3, 4]), seed: float32([2], [1, 1]) };
    expect((await runGraph(graph, feeds)).d).toEqual({ type: 'float32', shape: [2, 2], data: [0, 0, 0, 0] });
  });

  it('gives the seed itself where the parameter is the loss', async () => {
    const graph = gradientGraph((_, x) => x);
    expect(await gradientAt(graph, [1, 2, 3], [5, 6, 7])).toEqual([5, 6, 7]);
  });

  it('differentiates by a value inside the graph', async () => {
    const builder = new GraphBuilder('test');
    const hidden = builder.node('Neg', [builder.input('x', 'float32', [1])]);
    builder.input('seed', 'float32', [1]);
    const loss = builder.node('Mul', [hidden, hidden]);
    const graph = differentiate(builder.build(), {
      loss,
      seed: 'seed',
      parameters: [hidden],
      gradientName: () => 'dx',
    });
    expect(await gradientAt(graph, [3])).toEqual([-6]);
  });

  it('writes nothing for a branch that leads to no parameter or not to the loss', () => {
    const graph = gradientGraph((builder, x) => {
      const fed = builder.node('Exp', [builder.node('Tanh', [builder.input('fed', 'float32', [3])])]);
      builder.node('Sigmoid', [x]);
      return builder.node('Mul', [x, fed]);
    });
    expect(opsOf(graph)).toEqual(['Tanh', 'Exp', 'Sigmoid', 'Mul', 'Mul', 'Identity']);
  });
});

describe('differentiate, where no gradient flows,', () => {
  const cast = (builder: GraphBuilder, value: string): string =>
    builder.node('Cast', [value], { to: attribute.int(1) });
  const pair =
    (op: string) =>
    (builder: GraphBuilder, x: string): string =>
      cast(builder, builder.node(op, [x, builder.scalar(0.5)]));
  const logic =
    (op: string) =>
    (builder: GraphBuilder, x: string): string => {
      const above = builder.node('Greater', [x, builder.scalar(0.5)]);
      return cast(builder, builder.node(op, op === 'Not' ? [above] : [above, above]));
    };
  const sizeOf = (builder: GraphBuilder, x: string): string => builder.node('Shape', [x]);

  const STEPS: Readonly<Record<string, (builder: GraphBuilder, x: string) => string>> = {
    And: logic('And'),
    ArgMax: (builder, x) => cast(builder, builder.node('ArgMax', [x])),
    ConstantOfShape: (builder, x) => builder.node('ConstantOfShape', [sizeOf(builder, x)]),
    Equal: pair('Equal'),
    Floor: (builder, x) => builder.node('Floor', [x]),
    Greater: pair('Greater'),
    GreaterOrEqual: pair('GreaterOrEqual'),
    IsNaN: (builder, x) => cast(builder, builder.node('IsNaN', [x])),
    Less: pair('Less'),
    LessOrEqual: pair('LessOrEqual'),
    Not: logic('Not'),
    OneHot: (builder, x) => {
      const values = builder.constant('float32', [2], Float32Array.of(0, 1));
      const row = builder.node('OneHot', [builder.node('ArgMax', [x]), builder.int64s([3]), values]);
      return builder.node('Squeeze', [row]);
    },
    Or: logic('Or'),
    ReduceMax: (builder, x) => builder.node('ReduceMax', [x]),
    Shape: (builder, x) => cast(builder, sizeOf(builder, x)),
    Sign: (builder, x) => builder.node('Sign', [x]),
  };

  it('has a step for each operator of the table whose gradient is zero', () => {
    const zeros = allRules().filter(({ outcome }) => outcome === 'zero');
    expect(Object.keys(STEPS).sort()).toEqual(zeros.map(({ op }) => op).sort());
  });

  it.each(Object.entries(STEPS))('takes what %s returns for a constant', async (_, step) => {
    const stopped = gradientGraph((builder, x) => builder.node('Mul', [builder.node('Exp', [step(builder, x)]), x]));
    const results = await runGraph(stopped, { x: float32([3], [0.25, -1.5, 2]), seed: float32([3], [1, 2, 3]) });
    const factor = stopped.nodes.findIndex(({ op }) => op === 'Exp');
    expect(numbersOf(results, 'dx').every(Number.isFinite)).toBe(true);
    const added = opsOf(stopped).slice(factor + 2);
    expect(added).toEqual(['Mul', 'Identity']);
  });

  it('stops a gradient in the middle of a path, and does not need rules behind it', async () => {
    const graph = gradientGraph((builder, x) => {
      const shift = builder.node('ReduceMax', [builder.node('Max', [x, builder.scalar(0)])]);
      return builder.node('Sub', [x, shift]);
    });
    expect(await gradientAt(graph, [1, 5, 2], [1, 2, 3])).toEqual([1, 2, 3]);
  });

  it('casts to an integer and back without a gradient', async () => {
    const graph = gradientGraph((builder, x) => {
      const whole = builder.node('Cast', [x], { to: attribute.int(7) });
      return builder.node('Mul', [cast(builder, whole), x]);
    });
    expect(await gradientAt(graph, [1.75, -2.5, 3])).toEqual([1, -2, 3]);
  });
});

describe('differentiate refuses', () => {
  const refusal = (build: (builder: GraphBuilder, x: string) => string, shape?: readonly Dimension[]): unknown => {
    try {
      return gradientGraph(build, shape ? { shape } : {});
    } catch (thrown) {
      return thrown;
    }
  };

  it('an operator without a rule, naming it, its operator set and the node', () => {
    const found = refusal((builder, x) => builder.node('Max', [x, builder.node('Neg', [x])]));
    expect(found).toBeInstanceOf(LockstepError);
    expect(found).toMatchObject({
      code: 'GRADIENT_UNSUPPORTED',
      message: 'The operator Max (opset 17, node Max_1) has no gradient.',
      field: 'Max_1',
      value: 'Max',
    });
  });

  it('an operator without a rule not at all where no gradient has to pass it', () => {
    const found = refusal((builder, x) => {
      builder.node('Max', [x]);
      return builder.node('Exp', [x]);
    });
    expect(found).toMatchObject({ name: 'test' });
  });

  it.each<[string, (builder: GraphBuilder, x: string) => string, readonly Dimension[]]>([
    [
      'Pow (opset 17, node Pow_1) has a gradient only where the exponent is a constant.',
      (builder, x) => builder.node('Pow', [builder.node('Exp', [x]), x]),
      [3],
    ],
    [
      'Clip (opset 17, node Clip_1) has a gradient only by its input, not by its bounds.',
      (builder, x) => builder.node('Clip', [x, builder.node('ReduceSum', [x], { keepdims: attribute.int(0) })]),
      [3],
    ],
    [
      'Concat (opset 17, node Concat_0) has a gradient only along an axis of fixed sizes.',
      (builder, x) => builder.node('Squeeze', [builder.node('Concat', [x], { axis: attribute.int(0) })]),
      ['N'],
    ],
    [
      'Slice (opset 17, node Slice_0) has a gradient only along axes of fixed sizes.',
      (builder, x) => builder.node('Slice', [x, builder.int64s([1]), builder.int64s([2])]),
      ['N'],
    ],
    [
      'Add (opset 17, node Add_0) has a gradient only where it is known whether [N] is repeated to [3].',
      (builder, x) => builder.node('Add', [x, builder.input('fed', 'float32', [3])]),
      ['N'],
    ],
  ])('%s', (message, build, shape) => {
    expect(refusal(build, shape)).toMatchObject({ code: 'GRADIENT_UNSUPPORTED', message: `The operator ${message}` });
  });

  it('names that the graph does not have, and values that are no floats', () => {
    expect(() => gradientGraph(() => 'nowhere')).toThrow('nowhere is no value of graph test');
    expect(() => gradientGraph((builder, x) => builder.node('Shape', [x]), { seed: [1] })).toThrow('is int64');
  });

  it('a seed of another shape or type than the loss', () => {
    const sum = (builder: GraphBuilder, x: string): string => builder.node('ReduceSum', [x]);
    expect(() => gradientGraph(sum)).toThrow('the seed seed is float32 [3], but the loss reducesum_0 is float32 [1]');
    expect(() => gradientGraph(sum, { seed: [1, 1] })).toThrow('the seed seed is float32 [1, 1]');
    expect(() => gradientGraph(sum, { seed: ['N'] })).not.toThrow();
    const widened = (builder: GraphBuilder, x: string) => builder.node('Cast', [x], { to: attribute.int(11) });
    expect(() => gradientGraph(widened)).toThrow('the seed seed is float32 [3], but the loss cast_0 is float64 [3]');
  });
});

describe('the gradient of a dense layer', () => {
  it('is two products and one sum, without a transposition, a shape or a copy', () => {
    const builder = new GraphBuilder('dense');
    const x = builder.input('x', 'float32', ['N', 3]);
    const inputs = [x, builder.input('kernel', 'float32', [3, 2]), builder.input('bias', 'float32', [2])];
    builder.input('seed', 'float32', ['N', 2]);
    const loss = builder.node('Gemm', inputs);
    const graph = differentiate(builder.build(), {
      loss,
      seed: 'seed',
      parameters: inputs,
      gradientName: (name) => `d${name}`,
    });
    const added = graph.nodes.slice(1).filter(({ op }) => op !== 'Identity');
    expect(added.map(({ op, inputs: [a, b], attributes }) => [op, a, b, Object.keys(attributes)])).toEqual([
      ['Gemm', 'seed', 'kernel', ['transB']],
      ['Gemm', 'x', 'seed', ['transA']],
      ['ReduceSum', 'seed', added[2]!.inputs[1], ['keepdims']],
    ]);
  });

  it('is nothing for features that are no parameter', () => {
    const builder = new GraphBuilder('dense');
    const inputs = [builder.input('x', 'float32', ['N', 3]), builder.input('kernel', 'float32', [3, 2])];
    builder.input('seed', 'float32', ['N', 2]);
    const loss = builder.node('Gemm', inputs);
    const graph = differentiate(builder.build(), {
      loss,
      seed: 'seed',
      parameters: ['kernel'],
      gradientName: () => 'dkernel',
    });
    expect(opsOf(graph)).toEqual(['Gemm', 'Gemm', 'Identity']);
  });

  it('takes one product for the kernel of a stack, not one per matrix and a sum', () => {
    const builder = new GraphBuilder('stack');
    const inputs = [builder.input('x', 'float32', ['N', 4, 3]), builder.input('kernel', 'float32', [3, 2])];
    builder.input('seed', 'float32', ['N', 4, 2]);
    const request = { loss: builder.node('MatMul', inputs), seed: 'seed', parameters: ['kernel'] };
    const graph = differentiate(builder.build(), { ...request, gradientName: () => 'dkernel' });
    expect(opsOf(graph)).toEqual(['MatMul', 'Reshape', 'Reshape', 'Gemm', 'Identity']);
  });
});
