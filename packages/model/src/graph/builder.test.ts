import { describe, expect, it } from 'vitest';
import { attribute } from './attribute.js';
import { GraphBuilder } from './builder.js';

describe('GraphBuilder', () => {
  it('builds inputs, constants, nodes and outputs in the order they were added', () => {
    const builder = new GraphBuilder('sum');
    const x = builder.input('x', 'float32', ['N', 2]);
    const doubled = builder.node('Mul', [x, builder.scalar(2)]);
    builder.output('y', 'float32', ['N', 2], doubled);
    const graph = builder.build();
    expect(graph.opsets).toEqual({ '': 17, 'ai.onnx.ml': 3 });
    expect(graph.initializers).toEqual([{ name: 'scalar_0', type: 'float32', shape: [], data: Float32Array.of(2) }]);
    expect(graph.nodes.map(({ op, inputs, outputs }) => [op, inputs, outputs])).toEqual([
      ['Mul', ['x', 'scalar_0'], ['mul_0']],
      ['Identity', ['mul_0'], ['y']],
    ]);
    expect(graph.outputs).toEqual([{ name: 'y', type: 'float32', shape: ['N', 2] }]);
  });

  it('adds no Identity when a value already has the name of the output', () => {
    const builder = new GraphBuilder('plain');
    builder.node('Neg', [builder.input('x', 'float32', [])], {}, { outputs: ['y'] });
    builder.output('y', 'float32', []);
    expect(builder.build().nodes.map(({ op }) => op)).toEqual(['Neg']);
  });

  it('gives unnamed values free names, whatever an input is called', () => {
    const builder = new GraphBuilder('names');
    builder.input('neg_0', 'float32', []);
    builder.input('neg_2', 'float32', []);
    const names = [0, 1, 2].map(() => builder.node('Neg', ['neg_0']));
    expect(names).toEqual(['neg_1', 'neg_3', 'neg_4']);
    expect(builder.unique('neg')).toBe('neg_5');
    expect(builder.unique('neg')).toBe('neg_5');
  });

  it('refuses a second value of the same name', () => {
    const builder = new GraphBuilder('twice');
    builder.input('x', 'float32', []);
    expect(() => builder.input('x', 'float32', [])).toThrow('two values named x');
    expect(() => builder.node('Neg', ['x'], {}, { outputs: ['x'] })).toThrow('two values named x');
  });

  it('goes on with a finished graph without touching it', () => {
    const first = new GraphBuilder('grow');
    first.output('y', 'float32', ['N'], first.node('Relu', [first.input('x', 'float32', ['N'])]));
    const before = first.build();
    const copy = structuredClone(before);
    const second = GraphBuilder.from(before);
    expect(second.node('Relu', ['y'])).toBe('relu_1');
    expect(second.build().nodes.map(({ name }) => name)).toEqual(['Relu_0', 'Identity_1', 'Relu_2']);
    expect(before).toEqual(copy);
  });

  it('keeps attributes and the domain of a node', () => {
    const builder = new GraphBuilder('encoder');
    builder.node(
      'LabelEncoder',
      [builder.input('x', 'string', ['N', 1])],
      { keys_strings: attribute.strings(['a']), values_int64s: attribute.ints([0]) },
      { domain: 'ai.onnx.ml', outputs: ['index'] },
    );
    expect(builder.build().nodes[0]).toMatchObject({
      domain: 'ai.onnx.ml',
      outputs: ['index'],
      attributes: { keys_strings: { kind: 'strings', value: ['a'] } },
    });
  });
});
