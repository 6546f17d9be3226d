import { describe, expect, it } from 'vitest';
import { type Feed, float32, runGraph } from '../testing/run-graph.js';
import { attribute } from './attribute.js';
import { GraphBuilder } from './builder.js';
import type { Attribute, Dimension } from './graph.js';
import { SHAPE_RULES } from './shape-rules.js';
import { inferShapes } from './shapes.js';
import { knownOperators } from './signatures.js';

/** One node: inputs written as shape arrays of float32, or feeds; constants are initializers. */
interface Case {
  readonly op: string;
  readonly inputs: readonly Feed[];
  /** Inputs from this one on are constants of the graph. */
  readonly constantsFrom?: number;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
  /** Names of outputs beyond the first, which is compared. */
  readonly moreOutputs?: readonly string[];
}

const values = (...shape: number[]): Feed =>
  float32(shape, { length: shape.reduce((a, b) => a * b, 1) } as ArrayLike<number> & Iterable<number>);
const int64 = (shape: readonly number[], ...data: number[]): Feed => ({
  type: 'int64',
  shape,
  data: BigInt64Array.from(data.map(BigInt)),
});
const bool = (shape: readonly number[], ...data: number[]): Feed => ({
  type: 'bool',
  shape,
  data: Uint8Array.from(data),
});
const axes = (...data: number[]): Feed => int64([data.length], ...data);

const UNARY = 'Neg Abs Exp Log Sqrt Relu Sigmoid Tanh Softmax LogSoftmax Softplus Identity Floor Sign IsNaN Shape';

const CASES: readonly Case[] = [
  ...UNARY.split(' ').map((op): Case => ({ op, inputs: [values(2, 3)] })),
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual'].map(
    (op): Case => ({ op, inputs: [values(2, 1, 3), values(4, 1)] }),
  ),
  ...['Max', 'Min'].map((op): Case => ({ op, inputs: [values(2, 1), values(3), values(5, 1, 1)] })),
  ...['And', 'Or'].map((op): Case => ({ op, inputs: [bool([2, 1], 0, 1), bool([2], 1, 0)] })),
  { op: 'Not', inputs: [bool([2], 0, 1)] },
  { op: 'Add', inputs: [values(0, 3), values(3)] },
  { op: 'Clip', inputs: [values(2, 3), float32([], [0]), float32([], [1])] },
  { op: 'ReduceSum', inputs: [values(2, 3, 4), axes(0, -1)], constantsFrom: 1 },
  { op: 'ReduceSum', inputs: [values(2, 3)], attributes: { keepdims: attribute.int(0) } },
  { op: 'ReduceSum', inputs: [values(2, 3), axes()], constantsFrom: 1 },
  {
    op: 'ReduceSum',
    inputs: [values(2, 3), axes()],
    constantsFrom: 1,
    attributes: { noop_with_empty_axes: attribute.int(1) },
  },
  { op: 'ReduceMean', inputs: [values(2, 3)], attributes: { axes: attribute.ints([1]), keepdims: attribute.int(0) } },
  { op: 'ReduceMax', inputs: [values(2, 3)], attributes: { axes: attribute.ints([-2]) } },
  { op: 'ReduceProd', inputs: [values(2, 3)] },
  { op: 'MatMul', inputs: [values(2, 1, 3, 4), values(5, 4, 6)] },
  { op: 'Gemm', inputs: [values(4, 2), values(3, 4), values(3)], attributes: gemm(1, 1) },
  { op: 'Gemm', inputs: [values(2, 4), values(4, 3)] },
  { op: 'ArgMax', inputs: [values(2, 3)], attributes: { axis: attribute.int(1), keepdims: attribute.int(0) } },
  { op: 'ArgMax', inputs: [values(2, 3)], attributes: { axis: attribute.int(-1) } },
  { op: 'Reshape', inputs: [values(2, 3, 4), axes(0, -1)], constantsFrom: 1 },
  { op: 'Reshape', inputs: [values(2, 3), axes(3, 2)], constantsFrom: 1 },
  { op: 'Reshape', inputs: [values(2, 3), axes(3, 2)] },
  { op: 'Transpose', inputs: [values(2, 3, 4)], attributes: { perm: attribute.ints([1, 2, 0]) } },
  { op: 'Transpose', inputs: [values(2, 3)] },
  { op: 'Squeeze', inputs: [values(1, 3, 1), axes(-1)], constantsFrom: 1 },
  { op: 'Squeeze', inputs: [values(1, 3, 1)] },
  { op: 'Unsqueeze', inputs: [values(2, 3), axes(0, -1)], constantsFrom: 1 },
  { op: 'Concat', inputs: [values(2, 3), values(2, 1), values(2, 4)], attributes: { axis: attribute.int(-1) } },
  { op: 'Slice', inputs: [values(5, 4), axes(1, -3), axes(2 ** 53, 4), axes(0, 1), axes(2, 1)], constantsFrom: 1 },
  { op: 'Slice', inputs: [values(5, 4), axes(3), axes(2)], constantsFrom: 1 },
  { op: 'Gather', inputs: [values(5, 4), int64([2, 3], 0, 1, 2, 3, 0, 1)], attributes: { axis: attribute.int(1) } },
  { op: 'Gather', inputs: [{ type: 'string', shape: [2], data: ['a', 'b'] }, int64([3], 1, 0, 1)] },
  { op: 'Expand', inputs: [values(3, 1), axes(2, 1, 4)], constantsFrom: 1 },
  { op: 'Expand', inputs: [values(3, 1), axes(2, 1, 4)] },
  { op: 'Where', inputs: [bool([2, 1], 0, 1), values(3), values(4, 1, 1)] },
  { op: 'Cast', inputs: [values(2)], attributes: { to: attribute.int(11) } },
  { op: 'Cast', inputs: [values(2)], attributes: { to: attribute.int(7) } },
  { op: 'OneHot', inputs: [int64([2, 3], 0, 1, 2, 0, 1, 2), axes(4), float32([2], [0, 1])], constantsFrom: 1 },
  {
    op: 'OneHot',
    inputs: [int64([2], 0, 1), axes(4), float32([2], [0, 1])],
    attributes: { axis: attribute.int(0) },
    constantsFrom: 1,
  },
  { op: 'ScatterElements', inputs: [values(3, 2), int64([1, 2], 2, 0), values(1, 2)] },
  { op: 'ConstantOfShape', inputs: [axes(2, 3)], constantsFrom: 0 },
  {
    op: 'ConstantOfShape',
    inputs: [axes(2, 3)],
    attributes: { value: attribute.tensor({ name: 'v', type: 'int64', shape: [1], data: BigInt64Array.of(1n) }) },
  },
  {
    op: 'LabelEncoder',
    domain: 'ai.onnx.ml',
    inputs: [{ type: 'string', shape: [2, 1], data: ['a', 'z'] }],
    attributes: { keys_strings: attribute.strings(['a']), values_int64s: attribute.ints([0]) },
  },
  {
    op: 'LabelEncoder',
    domain: 'ai.onnx.ml',
    inputs: [int64([2], 0, 1)],
    attributes: { keys_int64s: attribute.ints([0]), values_floats: attribute.floats([0.5]) },
  },
  { op: 'TopK', inputs: [values(2, 5), axes(3)], constantsFrom: 1, moreOutputs: ['order'] },
  { op: 'TopK', inputs: [values(4, 2), axes(3)], constantsFrom: 1, moreOutputs: ['order'], ...axis(0) },
  {
    op: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: [values(2, 3)],
    attributes: {
      n_targets: attribute.int(2),
      nodes_treeids: attribute.ints([0]),
      nodes_nodeids: attribute.ints([0]),
      nodes_featureids: attribute.ints([0]),
      nodes_modes: attribute.strings(['LEAF']),
      nodes_values: attribute.floats([0]),
      nodes_truenodeids: attribute.ints([0]),
      nodes_falsenodeids: attribute.ints([0]),
      target_treeids: attribute.ints([0, 0]),
      target_nodeids: attribute.ints([0, 0]),
      target_ids: attribute.ints([0, 1]),
      target_weights: attribute.floats([1, 2]),
    },
  },
];

function gemm(transA: number, transB: number): Record<string, Attribute> {
  return { transA: attribute.int(transA), transB: attribute.int(transB) };
}

function singleNode({ op, inputs, constantsFrom = inputs.length, attributes, domain = '', moreOutputs = [] }: Case) {
  const builder = new GraphBuilder('case');
  const names = inputs.map((input, index) =>
    index < constantsFrom
      ? builder.input(`in${index}`, input.type, input.shape)
      : builder.initializer({ name: `in${index}`, ...input }),
  );
  builder.node(op, names, attributes, { domain, outputs: ['out', ...moreOutputs] });
  return builder;
}

describe('inferShapes', () => {
  it.each(
    CASES.map((found) => [`${found.op} ${JSON.stringify(found.inputs.map(({ shape }) => shape))}`, found] as const),
  )('agrees with what ONNX Runtime returns: %s', async (_, found) => {
    const { inputs, constantsFrom = inputs.length } = found;
    const builder = singleNode(found);
    const out = inferShapes(builder.build()).get('out')!;
    builder.output('out', out.type, out.shape);
    const feeds = Object.fromEntries(inputs.slice(0, constantsFrom).map((input, index) => [`in${index}`, input]));
    const result = (await runGraph(builder.build(), feeds)).out!;
    expect(result.type).toBe(out.type);
    expect(out.shape).toHaveLength(result.shape.length);
    const known = out.shape.map((size, axis) => (typeof size === 'string' ? result.shape[axis] : size));
    expect(known).toEqual(result.shape);
  });

  it('has a case for every operator, and a signature for every rule', () => {
    const tried = new Set(CASES.map(({ op, domain = '' }) => `${domain}:${op}`));
    expect([...SHAPE_RULES.keys()].filter((key) => !tried.has(key))).toEqual([]);
    expect([...knownOperators()].sort()).toEqual([...SHAPE_RULES.keys()].sort());
  });

  it.each<[string, readonly Dimension[], readonly number[], readonly Dimension[]]>([
    ['keeps the batch size where the rest has the same size', ['N', 6], [-1, 2, 3], ['N', 2, 3]],
    ['keeps the batch size copied by 0', ['N', 6], [0, 3, -1], ['N', 3, 2]],
    ['invents a size where -1 takes more than the batch', ['N', 6], [-1], ['Reshape_0_rest']],
  ])('%s', (_, shape, wanted, expected) => {
    const builder = new GraphBuilder('symbolic');
    builder.node('Reshape', [builder.input('x', 'float32', shape), builder.int64s(wanted)], {}, { outputs: ['out'] });
    expect(inferShapes(builder.build()).get('out')?.shape).toEqual(expected);
  });
});

describe('inferShapes refuses', () => {
  it.each<[string, Case]>([
    ['Foo_0: unknown operator Foo', { op: 'Foo', inputs: [values(2)] }],
    ['unknown operator ai.onnx.ml.Scaler', { op: 'Scaler', inputs: [values(2)], domain: 'ai.onnx.ml' }],
    ['Add_0: Add misses input 1', { op: 'Add', inputs: [values(2)] }],
    ['Neg_0: Neg takes at most 1 inputs, not 2', { op: 'Neg', inputs: [values(2), values(2)] }],
    ['Add_0: float32 with int64', { op: 'Add', inputs: [values(2), axes(1, 2)] }],
    ['Exp_0: Exp does not take int64', { op: 'Exp', inputs: [axes(1)] }],
    ['Not_0: input 0 is float32, not bool', { op: 'Not', inputs: [values(1)] }],
    ['Where_0: input 0 is float32, not bool', { op: 'Where', inputs: [values(1), values(1), values(1)] }],
    ['Equal_0: Equal does not take string', { op: 'Equal', inputs: [text('a'), text('b')] }],
    ['do not broadcast', { op: 'Add', inputs: [values(2), values(3)] }],
    ['MatMul_0: sizes 3 and 2 differ', { op: 'MatMul', inputs: [values(2, 3), values(2, 3)] }],
    ['MatMul wants matrices', { op: 'MatMul', inputs: [values(3), values(3, 2)] }],
    ['Gemm_0: sizes 3 and 4 differ', { op: 'Gemm', inputs: [values(2, 3), values(4, 5)] }],
    ['[2, 5] does not fit [1, 5]', { op: 'Gemm', inputs: [values(1, 3), values(3, 5), values(2, 5)] }],
    ['Concat_0: sizes 3 and 2 differ', { op: 'Concat', inputs: [values(2, 1), values(3, 1)], ...axis(1) }],
    ['Concat_0: ranks differ', { op: 'Concat', inputs: [values(2, 1), values(2)], ...axis(0) }],
    ['shape [2, 3] cannot become [4, -1]', { op: 'Reshape', inputs: [values(2, 3), axes(4, -1)], constantsFrom: 1 }],
    ['shape [2, 3] cannot become [5]', { op: 'Reshape', inputs: [values(2, 3), axes(5)], constantsFrom: 1 }],
    ['Squeeze_0: sizes 3 and 1 differ', { op: 'Squeeze', inputs: [values(3), axes(0)], constantsFrom: 1 }],
    ['ReduceSum_0: input 1 has to be a constant', { op: 'ReduceSum', inputs: [values(3), axes(0)] }],
    ['axis 2 is outside', { op: 'ReduceMax', inputs: [values(3)], attributes: { axes: attribute.ints([2]) } }],
    ['no order of 2 axes', { op: 'Transpose', inputs: [values(2, 3)], attributes: { perm: attribute.ints([0, 0]) } }],
    ['Cast to an unknown type', { op: 'Cast', inputs: [values(2)], attributes: { to: attribute.int(16) } }],
  ])('%s', (message, found) => {
    expect(() => inferShapes(singleNode(found).build())).toThrow(message);
  });

  it('a form of an operator that came with a later operator set', () => {
    const later = (opset: number) => {
      const builder = new GraphBuilder('later', { '': opset });
      builder.node('ReduceMean', [builder.input('x', 'float32', [2, 3]), builder.int64s([1])]);
      return builder.build();
    };
    expect(() => inferShapes(later(17))).toThrow('ReduceMean takes at most 1 inputs, not 2');
    expect(inferShapes(later(18)).get('reducemean_0')?.shape).toEqual([2, 1]);
    expect(() => inferShapes(later(12))).toThrow('ReduceMean is not known in opset 12');
  });

  it('a label encoder whose keys have another type than its input', () => {
    const builder = singleNode({ ...CASES.findLast(({ op }) => op === 'LabelEncoder')!, inputs: [text('a')] });
    expect(() => inferShapes(builder.build())).toThrow('int64 keys for string');
  });
});

function text(...data: string[]): Feed {
  return { type: 'string', shape: [data.length], data };
}

function axis(value: number): { attributes: Record<string, Attribute> } {
  return { attributes: { axis: attribute.int(value) } };
}
