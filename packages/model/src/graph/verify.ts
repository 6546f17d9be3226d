/** Checks that a graph is well formed; runs after every rewrite. */
import { LockstepError } from '@lockstep/protocol/core';
import type { Dimension, ElementType, Graph, Tensor } from './graph.js';
import { inferShapes } from './shapes.js';

/** Verifies single assignment, order, operators, types and shapes. @throws LockstepError GRAPH_INVALID naming the place */
export function verifyGraph(graph: Graph): void {
  try {
    verifyNames(graph);
    verifyTensors(graph);
    verifyOutputs(graph);
  } catch (thrown) {
    if (thrown instanceof LockstepError) throw thrown;
    const message = `Graph ${graph.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    throw new LockstepError('GRAPH_INVALID', { message, cause: thrown });
  }
}

function verifyNames(graph: Graph): void {
  const defined = new Set<string>();
  const define = (name: string): void => {
    if (name === '') throw new Error('a value without a name');
    if (defined.has(name)) throw new Error(`${name} is defined twice`);
    defined.add(name);
  };
  for (const input of graph.inputs) define(input.name);
  for (const tensor of graph.initializers) define(tensor.name);
  for (const node of graph.nodes) {
    if (graph.opsets[node.domain] === undefined) throw new Error(`${node.name}: domain ${node.domain} has no opset`);
    for (const input of node.inputs) {
      if (input !== '' && !defined.has(input)) throw new Error(`${node.name} uses ${input} before it is defined`);
    }
    for (const output of node.outputs) define(output);
  }
}

function verifyTensors(graph: Graph): void {
  for (const tensor of graph.initializers) verifyTensor(tensor, tensor.name);
  for (const node of graph.nodes) {
    for (const [name, found] of Object.entries(node.attributes)) {
      if (found.kind === 'tensor') verifyTensor(found.value, `${name} of ${node.name}`);
    }
  }
}

function verifyTensor({ type, shape, data }: Tensor, where: string): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== data.length) throw new Error(`${where} has ${data.length} elements, not ${size}`);
  if (!isDataOf(type, data)) throw new Error(`${where} does not hold its data as ${type}`);
}

function isDataOf(type: ElementType, data: Tensor['data']): boolean {
  switch (type) {
    case 'float32':
      return data instanceof Float32Array;
    case 'float64':
      return data instanceof Float64Array;
    case 'int64':
      return data instanceof BigInt64Array;
    case 'int32':
      return data instanceof Int32Array;
    case 'uint8':
    case 'bool':
      return data instanceof Uint8Array;
    case 'string':
      return Array.isArray(data);
  }
}

function verifyOutputs(graph: Graph): void {
  const values = inferShapes(graph);
  const names = new Set<string>();
  for (const output of graph.outputs) {
    if (names.has(output.name)) throw new Error(`two outputs are named ${output.name}`);
    names.add(output.name);
    const found = values.get(output.name);
    if (!found) throw new Error(`output ${output.name} is never computed`);
    if (found.type !== output.type) throw new Error(`output ${output.name} is ${found.type}, not ${output.type}`);
    if (!compatible(found.shape, output.shape)) {
      throw new Error(`output ${output.name} has shape [${found.shape.join(', ')}], not [${output.shape.join(', ')}]`);
    }
  }
}

function compatible(found: readonly Dimension[], stated: readonly Dimension[]): boolean {
  return (
    found.length === stated.length &&
    found.every((size, axis) => typeof size === 'string' || typeof stated[axis] === 'string' || size === stated[axis])
  );
}
