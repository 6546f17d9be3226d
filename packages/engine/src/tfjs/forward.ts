/** The forward part of a graph, loaded for TensorFlow.js: what its losses and scores follow from. */
import type { Graph, Node, Tensor } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import type * as Tf from '@tensorflow/tfjs-core';
import type { TfModule } from './library.js';
import { findOperator, numericAttribute } from './operators.js';

const INT32_LIMIT = 2 ** 31;

/** Nodes that some values follow from, and the constants that these need. */
export class Forward {
  readonly #tf: TfModule;
  readonly #nodes: readonly Node[];
  readonly #constants: ReadonlyMap<string, Tensor>;
  /** The same on the backend. */
  readonly #tensors: ReadonlyMap<string, Tf.Tensor>;

  /** @param outputs values to compute. @throws LockstepError ENGINE_LOAD_FAILED naming an operator that is missing */
  constructor(tf: TfModule, graph: Graph, outputs: readonly string[]) {
    this.#tf = tf;
    this.#nodes = nodesBefore(graph, outputs);
    for (const node of this.#nodes) checkNode(node);
    const used = new Set([...outputs, ...this.#nodes.flatMap(({ inputs }) => inputs)]);
    const constants = graph.initializers.filter(({ name }) => used.has(name));
    this.#constants = new Map(constants.map((tensor) => [tensor.name, tensor]));
    this.#tensors = new Map(constants.map((tensor) => [tensor.name, tf.keep(constantTensor(tf, tensor))]));
  }

  /** Computes every value. @param feeds the graph's inputs by name. @returns all values by name */
  run(feeds: ReadonlyMap<string, Tf.Tensor>): ReadonlyMap<string, Tf.Tensor> {
    const values = new Map([...this.#tensors, ...feeds]);
    for (const node of this.#nodes) values.set(node.outputs[0] as string, this.#compute(node, values));
    return values;
  }

  /** Frees the constants. */
  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
  }

  #compute(node: Node, values: ReadonlyMap<string, Tf.Tensor>): Tf.Tensor {
    const optional = (index: number): Tf.Tensor | null => values.get(node.inputs[index] ?? '') ?? null;
    const input = (index: number): Tf.Tensor => {
      const found = optional(index);
      if (!found) throw new Error(`${node.name} misses input ${index}`);
      return found;
    };
    const numbers = (index: number): readonly number[] | null => {
      const constant = this.#constants.get(node.inputs[index] ?? '');
      return constant ? Array.from(constant.data as Float32Array, Number) : null;
    };
    const attribute = (name: string, byDefault: number): number => numericAttribute(node.attributes[name], byDefault);
    return findOperator(node)!({ tf: this.#tf, input, optional, numbers, attribute });
  }
}

/** Nodes that values follow from, in their order. */
function nodesBefore({ nodes }: Graph, values: readonly string[]): readonly Node[] {
  const wanted = new Set(values);
  const found: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    found.push(node);
    for (const input of node.inputs) wanted.add(input);
  }
  return found.toReversed();
}

function checkNode(node: Node): void {
  if (findOperator(node) && node.outputs.length === 1) return;
  throw new LockstepError('ENGINE_LOAD_FAILED', {
    message: `The operator ${node.op} of ${node.name} is not among those that the engine tfjs computes.`,
    field: 'model',
    value: node.op,
    fix: 'Use train.engine: onnxruntime.',
  });
}

/** Integers become int32, the widest that TensorFlow.js has. */
function constantTensor(tf: TfModule, { name, type, shape, data }: Tensor): Tf.Tensor {
  if (type === 'float32') return tf.tensor(data as Float32Array, [...shape], 'float32');
  const numbers = Array.from(data as ArrayLike<number>, Number);
  if ((type !== 'int64' && type !== 'int32') || numbers.some((value) => Math.abs(value) >= INT32_LIMIT)) {
    throw new LockstepError('ENGINE_LOAD_FAILED', {
      message: `The constant ${name} is ${type}, beyond what the engine tfjs holds.`,
      field: 'model',
      value: name,
      fix: 'Use train.engine: onnxruntime.',
    });
  }
  return tf.tensor(numbers, [...shape], 'int32');
}
