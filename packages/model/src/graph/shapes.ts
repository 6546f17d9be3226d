/** Types and shapes of every value of a graph, from its inputs on. */
import type { Graph, Node, Tensor, ValueInfo } from './graph.js';
import { SHAPE_RULES, type ShapeContext } from './shape-rules.js';
import { checkSignature } from './signatures.js';

/** Infers every value. @throws Error naming the node on an unknown operator or inputs that do not fit */
export function inferShapes(graph: Graph): Map<string, ValueInfo> {
  const values = new Map<string, ValueInfo>();
  const constants = new Map<string, Tensor>();
  for (const input of graph.inputs) values.set(input.name, input);
  for (const tensor of graph.initializers) {
    values.set(tensor.name, { name: tensor.name, type: tensor.type, shape: tensor.shape });
    constants.set(tensor.name, tensor);
  }
  for (const node of graph.nodes) {
    const opset = graph.opsets[node.domain] ?? 0;
    checkSignature(node, opset, (input) => values.get(input)?.type);
    const rule = SHAPE_RULES.get(`${node.domain}:${node.op}`);
    if (!rule) throw new Error(`${node.name}: ${node.op} has no shape rule`);
    const inferred = rule(contextOf(node, values, constants, opset));
    node.outputs.forEach((name, index) => {
      const value = inferred[index];
      if (!value) throw new Error(`${node.name}: ${node.op} has no output ${index}`);
      values.set(name, { name, ...value });
    });
  }
  return values;
}

function contextOf(
  node: Node,
  values: ReadonlyMap<string, ValueInfo>,
  constants: ReadonlyMap<string, Tensor>,
  opset: number,
): ShapeContext {
  return {
    node,
    opset,
    has: (index) => (node.inputs[index] ?? '') !== '',
    input(index) {
      const value = values.get(node.inputs[index] ?? '');
      if (!value) throw new Error(`${node.name}: input ${index} (${node.inputs[index] ?? 'absent'}) is not defined`);
      return value;
    },
    integers(index) {
      const tensor = constants.get(node.inputs[index] ?? '');
      return tensor && tensor.type === 'int64' ? Array.from(tensor.data as BigInt64Array, Number) : null;
    },
  };
}
