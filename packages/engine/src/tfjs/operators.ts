/** The ONNX operators of training and evaluation graphs in those of TensorFlow.js. */
import type { Attribute, Node } from '@lockstep/model';
import type * as Tf from '@tensorflow/tfjs-core';
import type { TfModule } from './library.js';

/** What one operator computes from. */
export interface OperatorInputs {
  readonly tf: TfModule;
  /** Value of an input. @throws Error where the node has none */
  readonly input: (index: number) => Tf.Tensor;
  /** An input that may be left out. */
  readonly optional: (index: number) => Tf.Tensor | null;
  /** Numbers of an input that is a constant of the graph, such as axes; null where it is left out. */
  readonly numbers: (index: number) => readonly number[] | null;
  /** A number among the attributes. */
  readonly attribute: (name: string, byDefault: number) => number;
}

type Operator = (inputs: OperatorInputs) => Tf.Tensor;

/** ONNX's numbers of element types, as far as a Cast leads to them; integers of 64 bits are only ever small indices here. */
const CAST_TYPES: Readonly<Record<number, 'float32' | 'int32' | 'bool'>> = {
  1: 'float32',
  6: 'int32',
  7: 'int32',
  9: 'bool',
};

/** Operators by their ONNX name, of operator sets 13 to 21. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  Add: ({ tf, input }) => tf.add(input(0), input(1)),
  Cast: ({ tf, input, attribute }) => tf.cast(input(0), castType(attribute('to', 0))),
  Gemm: gemm,
  Identity: ({ input }) => input(0),
  LogSoftmax: ({ tf, input, attribute }) => tf.logSoftmax(input(0), attribute('axis', -1)),
  MatMul: ({ tf, input }) => tf.matMul(input(0), input(1)),
  Mul: ({ tf, input }) => tf.mul(input(0), input(1)),
  OneHot: oneHot,
  ReduceSum: ({ tf, input, numbers, attribute }) => tf.sum(input(0), axes(numbers(1)), attribute('keepdims', 1) !== 0),
  Relu: ({ tf, input }) => tf.relu(input(0)),
  Sigmoid: ({ tf, input }) => tf.sigmoid(input(0)),
  Softmax: ({ tf, input, attribute }) => tf.softmax(input(0), attribute('axis', -1)),
  Softplus: ({ tf, input }) => tf.softplus(input(0)),
  Squeeze: ({ tf, input, numbers }) => tf.squeeze(input(0), axes(numbers(1))),
  Sub: ({ tf, input }) => tf.sub(input(0), input(1)),
  Tanh: ({ tf, input }) => tf.tanh(input(0)),
};

/** The operator of a node. @returns null where there is none */
export function findOperator({ domain, op }: Node): Operator | null {
  return domain === '' && Object.hasOwn(OPERATORS, op) ? (OPERATORS[op] as Operator) : null;
}

/** A numeric attribute of a node. */
export function numericAttribute(found: Attribute | undefined, byDefault: number): number {
  return found?.kind === 'int' || found?.kind === 'float' ? found.value : byDefault;
}

function axes(numbers: readonly number[] | null): number[] | undefined {
  return numbers ? [...numbers] : undefined;
}

function castType(to: number): 'float32' | 'int32' | 'bool' {
  const type = CAST_TYPES[to];
  if (!type) throw new Error(`a Cast to element type ${to} is not computed`);
  return type;
}

/** alpha * A' * B' + beta * C, with A' = A transposed where transA is set. */
function gemm({ tf, input, optional, attribute }: OperatorInputs): Tf.Tensor {
  const product = tf.matMul(input(0), input(1), attribute('transA', 0) !== 0, attribute('transB', 0) !== 0);
  const scaled = times(tf, product, attribute('alpha', 1));
  const addend = optional(2);
  return addend ? tf.add(scaled, times(tf, addend, attribute('beta', 1))) : scaled;
}

function times(tf: TfModule, value: Tf.Tensor, factor: number): Tf.Tensor {
  return factor === 1 ? value : tf.mul(value, factor);
}

/** Along the last axis, which is the only one that TensorFlow.js has. */
function oneHot({ tf, input, numbers, attribute }: OperatorInputs): Tf.Tensor {
  const indices = input(0);
  const axis = attribute('axis', -1);
  const [depth] = numbers(1) ?? [];
  const [off, on] = numbers(2) ?? [];
  if (depth === undefined || off === undefined || on === undefined || ![-1, indices.rank].includes(axis)) {
    throw new Error('a OneHot is computed along the last axis only, of a constant depth and constant values');
  }
  return tf.oneHot(tf.cast(indices, 'int32'), depth, on, off, 'float32');
}
