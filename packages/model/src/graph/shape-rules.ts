/** One shape rule per operator that graphs here are made of. */
import { intAttribute, intsAttribute } from './attribute.js';
import { broadcastShapes, normaliseAxis } from './broadcast.js';
import type { Dimension, ElementType, Node } from './graph.js';

/** What a shape rule sees of the graph. */
export interface ShapeContext {
  readonly node: Node;
  /** Type and shape of input `index`. @throws Error when it is absent */
  input(index: number): { readonly type: ElementType; readonly shape: readonly Dimension[] };
  has(index: number): boolean;
  /** Values of a constant integer input, or null when it is computed. */
  integers(index: number): readonly number[] | null;
  opset: number;
}

/** Type and shape of one output. */
export interface InferredValue {
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** Types and shapes of a node's outputs from its inputs. */
export type ShapeRule = (context: ShapeContext) => readonly InferredValue[];

const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = {
  1: 'float32',
  2: 'uint8',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  11: 'float64',
};

const same: ShapeRule = (context) => [pick(context.input(0))];

const pick = ({ type, shape }: InferredValue): InferredValue => ({ type, shape });

const broadcast =
  (type?: ElementType): ShapeRule =>
  (context) => {
    const inputs = context.node.inputs.map((_, index) => context.input(index));
    const shape = inputs.reduce<readonly Dimension[]>(
      (sum, input) => broadcastShapes(sum, input.shape, context.node.name),
      [],
    );
    return [{ type: type ?? inputs[0]!.type, shape }];
  };

const predicate: ShapeRule = (context) => [{ type: 'bool', shape: context.input(0).shape }];

const matmul: ShapeRule = (context) => {
  const left = context.input(0);
  const right = context.input(1);
  if (left.shape.length < 2 || right.shape.length < 2) throw new Error(`${context.node.name}: MatMul wants matrices`);
  requireEqual(context, left.shape.at(-1)!, right.shape.at(-2)!);
  const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2), context.node.name);
  return [{ type: left.type, shape: [...batch, left.shape.at(-2)!, right.shape.at(-1)!] }];
};

const gemm: ShapeRule = (context) => {
  const left = context.input(0);
  const right = context.input(1);
  if (left.shape.length !== 2 || right.shape.length !== 2) throw new Error(`${context.node.name}: Gemm wants matrices`);
  const [rows, inner] = intAttribute(context.node, 'transA', 0) ? [...left.shape].reverse() : left.shape;
  const [innerRight, columns] = intAttribute(context.node, 'transB', 0) ? [...right.shape].reverse() : right.shape;
  requireEqual(context, inner!, innerRight!);
  const product = [rows!, columns!];
  if (context.has(2)) requireBroadcastTo(context, context.input(2).shape, product);
  return [{ type: left.type, shape: product }];
};

/** Axes of a reduction: an input from opset 13 (ReduceSum) or 18, an attribute before. */
function reductionAxes(context: ShapeContext, rank: number): readonly number[] {
  const given = context.has(1) ? constantIntegers(context, 1) : (intsAttribute(context.node, 'axes') ?? []);
  if (given.length > 0) return given.map((axis) => normaliseAxis(axis, rank));
  if (intAttribute(context.node, 'noop_with_empty_axes', 0) === 1) return [];
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** Values of an input that decides the rank of the output, so that it has to be constant. */
function constantIntegers(context: ShapeContext, index: number): readonly number[] {
  const values = context.integers(index);
  if (!values) throw new Error(`${context.node.name}: input ${index} has to be a constant`);
  return values;
}

const reduce: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const axes = reductionAxes(context, shape.length);
  const keep = intAttribute(context.node, 'keepdims', 1) === 1;
  const reduced = shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
  return [{ type, shape: reduced }];
};

const argMax: ShapeRule = (context) => {
  const { shape } = context.input(0);
  const axis = normaliseAxis(intAttribute(context.node, 'axis', 0), shape.length);
  const keep = intAttribute(context.node, 'keepdims', 1) === 1;
  return [{ type: 'int64', shape: shape.flatMap((size, index) => (index === axis ? (keep ? [1] : []) : [size])) }];
};

const reshape: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const wanted = context.integers(1);
  if (!wanted) return [{ type, shape: dynamicShape(context, 1) }];
  if (wanted.filter((size) => size < 0).length > 1) throw reshapeError(context, shape, wanted);
  const resolved = wanted.map((size, index): Dimension => (size === 0 ? (shape[index] ?? 0) : size));
  const place = resolved.indexOf(-1);
  if (place >= 0) resolved[place] = sizeLeft(context, shape, resolved.toSpliced(place, 1));
  else requireSameCount(context, shape, resolved);
  return [{ type, shape: resolved }];
};

/** What -1 stands for in a reshape of `shape` whose other sizes are `others`. */
function sizeLeft(context: ShapeContext, shape: readonly Dimension[], others: readonly Dimension[]): Dimension {
  const rest = [...shape];
  for (const size of others) {
    const same = rest.indexOf(size);
    if (typeof size === 'string' && same >= 0) rest.splice(same, 1);
  }
  const symbols = rest.filter((size) => typeof size === 'string');
  const ratio = numericProduct(rest) / numericProduct(others);
  if (symbols.length > 0) return symbols.length === 1 && ratio === 1 ? symbols[0]! : `${context.node.name}_rest`;
  if (!Number.isInteger(ratio)) throw reshapeError(context, shape, [...others, -1]);
  return ratio;
}

function requireSameCount(context: ShapeContext, shape: readonly Dimension[], wanted: readonly Dimension[]): void {
  const known = [...shape, ...wanted].every((size) => typeof size === 'number');
  if (known && numericProduct(shape) !== numericProduct(wanted)) throw reshapeError(context, shape, wanted);
}

function reshapeError(context: ShapeContext, shape: readonly Dimension[], wanted: readonly Dimension[]): Error {
  return new Error(`${context.node.name}: shape [${shape.join(', ')}] cannot become [${wanted.join(', ')}]`);
}

function numericProduct(shape: readonly Dimension[]): number {
  return shape.reduce<number>((product, size) => (typeof size === 'number' ? product * size : product), 1);
}

/** Rank known from the shape input's own length; sizes are not. */
function dynamicShape(context: ShapeContext, shapeInput: number): readonly Dimension[] {
  const rank = context.input(shapeInput).shape[0];
  if (typeof rank !== 'number') throw new Error(`${context.node.name}: the rank of the output is not known`);
  return Array.from({ length: rank }, (_, index) => `${context.node.name}_${index}`);
}

const transpose: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const order = intsAttribute(context.node, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  if (order.length !== shape.length || shape.some((_, axis) => !order.includes(axis))) {
    throw new Error(`${context.node.name}: perm [${order.join(', ')}] is no order of ${shape.length} axes`);
  }
  return [{ type, shape: order.map((axis) => shape[axis]!) }];
};

const squeeze: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const given = context.has(1)
    ? constantIntegers(context, 1)
    : shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const axes = given.map((axis) => normaliseAxis(axis, shape.length));
  for (const axis of axes) requireEqual(context, shape[axis]!, 1);
  return [{ type, shape: shape.filter((_, axis) => !axes.includes(axis)) }];
};

const unsqueeze: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const given = constantIntegers(context, 1);
  const rank = shape.length + given.length;
  const axes = given.map((axis) => normaliseAxis(axis, rank));
  const rest = [...shape];
  return [{ type, shape: Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)) }];
};

const concat: ShapeRule = (context) => {
  const inputs = context.node.inputs.map((_, index) => context.input(index));
  const first = inputs[0]!;
  const axis = normaliseAxis(intAttribute(context.node, 'axis', 0), first.shape.length);
  for (const input of inputs) {
    if (input.shape.length !== first.shape.length) throw new Error(`${context.node.name}: ranks differ`);
    input.shape.forEach((size, index) => {
      if (index !== axis) requireEqual(context, size, first.shape[index]!);
    });
  }
  const sizes = inputs.map((input) => input.shape[axis]!);
  const total = sizes.every((size) => typeof size === 'number')
    ? (sizes as number[]).reduce((sum, size) => sum + size, 0)
    : `${context.node.name}_axis`;
  return [{ type: first.type, shape: first.shape.map((size, index) => (index === axis ? total : size)) }];
};

const slice: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const starts = context.integers(1);
  const ends = context.integers(2);
  if (!starts || !ends) throw new Error(`${context.node.name}: Slice wants constant starts and ends`);
  const axes = (context.has(3) ? context.integers(3) : null) ?? starts.map((_, index) => index);
  const steps = (context.has(4) ? context.integers(4) : null) ?? starts.map(() => 1);
  if (steps.some((step) => step < 1)) throw new Error(`${context.node.name}: Slice wants steps of at least 1`);
  const out = [...shape];
  axes.forEach((given, index) => {
    const axis = normaliseAxis(given, shape.length);
    const size = shape[axis]!;
    if (typeof size !== 'number') {
      out[axis] = `${context.node.name}_${axis}`;
      return;
    }
    const clamp = (value: number): number => Math.min(size, Math.max(0, value < 0 ? value + size : value));
    out[axis] = Math.max(0, Math.ceil((clamp(ends[index]!) - clamp(starts[index]!)) / steps[index]!));
  });
  return [{ type, shape: out }];
};

const gather: ShapeRule = (context) => {
  const data = context.input(0);
  const indices = context.input(1);
  const axis = normaliseAxis(intAttribute(context.node, 'axis', 0), data.shape.length);
  return [{ type: data.type, shape: [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)] }];
};

const expand: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const wanted = context.integers(1);
  return [{ type, shape: wanted ? broadcastShapes(shape, wanted, context.node.name) : dynamicShape(context, 1) }];
};

const where: ShapeRule = (context) => {
  const left = context.input(1);
  const right = context.input(2);
  const values = broadcastShapes(left.shape, right.shape, context.node.name);
  return [{ type: left.type, shape: broadcastShapes(context.input(0).shape, values, context.node.name) }];
};

const cast: ShapeRule = (context) => {
  const type = ELEMENT_TYPES[intAttribute(context.node, 'to', 0)];
  if (!type) throw new Error(`${context.node.name}: Cast to an unknown type`);
  return [{ type, shape: context.input(0).shape }];
};

const oneHot: ShapeRule = (context) => {
  const { shape } = context.input(0);
  const axis = normaliseAxis(intAttribute(context.node, 'axis', -1), shape.length + 1);
  const depth = context.integers(1)?.[0] ?? `${context.node.name}_depth`;
  return [{ type: context.input(2).type, shape: [...shape.slice(0, axis), depth, ...shape.slice(axis)] }];
};

const shapeOf: ShapeRule = (context) => [{ type: 'int64', shape: [context.input(0).shape.length] }];

const constantOfShape: ShapeRule = (context) => {
  const value = context.node.attributes.value;
  const type = value?.kind === 'tensor' ? value.value.type : 'float32';
  return [{ type, shape: context.integers(0) ?? dynamicShape(context, 0) }];
};

/** Attributes of LabelEncoder from opset 2 on: keys_strings, values_int64s and so on. */
const ENCODER_TYPES = [
  ['strings', 'string'],
  ['int64s', 'int64'],
  ['floats', 'float32'],
] as const;

const labelEncoder: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const attributes = context.node.attributes;
  const keys = ENCODER_TYPES.find(([kind]) => attributes[`keys_${kind}`] !== undefined)?.[1];
  const values = ENCODER_TYPES.find(([kind]) => attributes[`values_${kind}`] !== undefined)?.[1];
  if (!keys || !values) throw new Error(`${context.node.name}: LabelEncoder has no keys or no values`);
  if (keys !== type) throw new Error(`${context.node.name}: LabelEncoder has ${keys} keys for ${type}`);
  return [{ type: values, shape }];
};

const topK: ShapeRule = (context) => {
  const { type, shape } = context.input(0);
  const axis = normaliseAxis(intAttribute(context.node, 'axis', -1), shape.length);
  const kept = shape.with(axis, context.integers(1)?.[0] ?? `${context.node.name}_kept`);
  return [
    { type, shape: kept },
    { type: 'int64', shape: kept },
  ];
};

const treeEnsembleRegressor: ShapeRule = (context) => [
  { type: 'float32', shape: [context.input(0).shape[0]!, intAttribute(context.node, 'n_targets', 1)] },
];

/** Refuses a shape that does not broadcast to exactly `target`. */
function requireBroadcastTo(context: ShapeContext, shape: readonly Dimension[], target: readonly Dimension[]): void {
  const result = broadcastShapes(shape, target, context.node.name);
  const grew = result.length !== target.length || result.some((size, axis) => target[axis] === 1 && size !== 1);
  if (grew) throw new Error(`${context.node.name}: [${shape.join(', ')}] does not fit [${target.join(', ')}]`);
}

function requireEqual(context: ShapeContext, left: Dimension, right: Dimension): void {
  if (left !== right && typeof left === 'number' && typeof right === 'number') {
    throw new Error(`${context.node.name}: sizes ${left} and ${right} differ`);
  }
}

const UNARY = ['Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Relu', 'Sigmoid', 'Tanh', 'Softmax', 'LogSoftmax', 'Softplus'];

/** Rules by "domain:operator". */
export const SHAPE_RULES: ReadonlyMap<string, ShapeRule> = new Map<string, ShapeRule>([
  ...[...UNARY, 'Identity', 'Clip', 'Floor', 'Sign', 'ScatterElements'].map((op): [string, ShapeRule] => [
    `:${op}`,
    same,
  ]),
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'].map((op): [string, ShapeRule] => [`:${op}`, broadcast()]),
  [
    ':Pow',
    (context) => [
      {
        type: context.input(0).type,
        shape: broadcastShapes(context.input(0).shape, context.input(1).shape, context.node.name),
      },
    ],
  ],
  ...['Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'And', 'Or'].map((op): [string, ShapeRule] => [
    `:${op}`,
    broadcast('bool'),
  ]),
  ...['IsNaN', 'Not'].map((op): [string, ShapeRule] => [`:${op}`, predicate]),
  ...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceProd'].map((op): [string, ShapeRule] => [`:${op}`, reduce]),
  [':MatMul', matmul],
  [':Gemm', gemm],
  [':ArgMax', argMax],
  [':Reshape', reshape],
  [':Transpose', transpose],
  [':Squeeze', squeeze],
  [':Unsqueeze', unsqueeze],
  [':Concat', concat],
  [':Slice', slice],
  [':Gather', gather],
  [':Expand', expand],
  [':Where', where],
  [':Cast', cast],
  [':OneHot', oneHot],
  [':Shape', shapeOf],
  [':ConstantOfShape', constantOfShape],
  [':TopK', topK],
  ['ai.onnx.ml:LabelEncoder', labelEncoder],
  ['ai.onnx.ml:TreeEnsembleRegressor', treeEnsembleRegressor],
]);
