import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { attribute } from './attribute.js';
import { GraphBuilder } from './builder.js';
import type { Graph, Node } from './graph.js';
import { verifyGraph } from './verify.js';

/** y = relu(x) + c, a graph without faults. */
function sound(): Graph {
  const builder = new GraphBuilder('sound');
  const c = builder.initializer({ name: 'c', type: 'float32', shape: [2], data: Float32Array.of(1, 2) });
  const relu = builder.node('Relu', [builder.input('x', 'float32', ['N', 2])]);
  builder.output('y', 'float32', ['N', 2], builder.node('Add', [relu, c]));
  return builder.build();
}

function fault(change: (graph: Graph) => Partial<Graph>): string {
  const graph = sound();
  try {
    verifyGraph({ ...graph, ...change(graph) });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(LockstepError);
    expect((thrown as LockstepError).code).toBe('GRAPH_INVALID');
    return (thrown as LockstepError).message;
  }
  return 'no fault';
}

const replaced = (nodes: readonly Node[], index: number, change: Partial<Node>): Node[] =>
  nodes.map((node, at) => (at === index ? { ...node, ...change } : node));

describe('verifyGraph', () => {
  it('accepts a sound graph', () => {
    expect(() => verifyGraph(sound())).not.toThrow();
  });

  it.each<[string, (graph: Graph) => Partial<Graph>]>([
    ['Relu_0 uses z before it is defined', ({ nodes }) => ({ nodes: replaced(nodes, 0, { inputs: ['z'] }) })],
    ['Add_1 uses relu_0 before it is defined', ({ nodes }) => ({ nodes: [nodes[1]!, nodes[0]!, nodes[2]!] })],
    ['relu_0 is defined twice', ({ nodes }) => ({ nodes: replaced(nodes, 1, { outputs: ['relu_0'] }) })],
    ['x is defined twice', ({ inputs }) => ({ inputs: [...inputs, ...inputs] })],
    ['a value without a name', ({ nodes }) => ({ nodes: replaced(nodes, 0, { outputs: [''] }) })],
    ['domain acme has no opset', ({ nodes }) => ({ nodes: replaced(nodes, 0, { domain: 'acme' }) })],
    ['unknown operator Mystery', ({ nodes }) => ({ nodes: replaced(nodes, 0, { op: 'Mystery' }) })],
    ['Relu has no output 1', ({ nodes }) => ({ nodes: replaced(nodes, 0, { outputs: ['relu_0', 'more'] }) })],
    ['output z is never computed', ({ outputs }) => ({ outputs: [{ ...outputs[0]!, name: 'z' }] })],
    ['two outputs are named y', ({ outputs }) => ({ outputs: [...outputs, ...outputs] })],
    ['output y is float32, not float64', ({ outputs }) => ({ outputs: [{ ...outputs[0]!, type: 'float64' }] })],
    ['output y has shape [N, 2], not [N, 3]', ({ outputs }) => ({ outputs: [{ ...outputs[0]!, shape: ['N', 3] }] })],
    ['output y has shape [N, 2], not [N]', ({ outputs }) => ({ outputs: [{ ...outputs[0]!, shape: ['N'] }] })],
    ['c has 2 elements, not 3', ({ initializers }) => ({ initializers: [{ ...initializers[0]!, shape: [3] }] })],
    [
      'c does not hold its data as float64',
      ({ initializers }) => ({ initializers: [{ ...initializers[0]!, type: 'float64' }] }),
    ],
  ])('names the fault: %s', (message, change) => {
    expect(fault(change)).toContain(message);
  });

  it('looks into tensors of attributes', () => {
    const builder = new GraphBuilder('fill');
    const value = attribute.tensor({ name: 'value', type: 'float32', shape: [2], data: Float32Array.of(1) });
    builder.node('ConstantOfShape', [builder.int64s([3])], { value });
    expect(() => verifyGraph(builder.build())).toThrow('value of ConstantOfShape_0 has 1 elements, not 2');
  });
});
