import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attribute } from '../graph/attribute.js';
import { GraphBuilder } from '../graph/builder.js';
import type { ElementType, Graph, Tensor } from '../graph/graph.js';
import { decodeModel } from './decode.js';
import { DATA_TYPES, ELEMENT_BYTES } from './element-types.js';
import { encodeModel } from './encode.js';

/** A graph with every kind of attribute, tensor and dimension. */
function everything(): Graph {
  const builder = new GraphBuilder('everything');
  builder.input('x', 'float32', ['N', 3]);
  builder.input('scalar', 'float64', []);
  builder.input('words', 'string', ['N', 1]);
  const tensors: Record<ElementType, Tensor['data']> = {
    float32: Float32Array.of(1.5, -0, Number.NaN, 2 ** -149),
    float64: Float64Array.of(0.1, Number.NEGATIVE_INFINITY, 5e-324, -0),
    int64: BigInt64Array.of(-1n, 2n ** 62n, 0n, 7n),
    int32: Int32Array.of(-1, 2 ** 31 - 1, 0, 7),
    uint8: Uint8Array.of(0, 255, 1, 2),
    bool: Uint8Array.of(0, 1, 1, 0),
    string: ['', 'žluť', '\uFEFFmark', 'a\0b'],
  };
  for (const [type, data] of Object.entries(tensors)) {
    builder.initializer({ name: type, type: type as ElementType, shape: [2, 2], data });
  }
  builder.initializer({ name: 'nothing', type: 'float32', shape: [0, 3], data: new Float32Array(0) });
  builder.initializer({ name: 'one', type: 'float32', shape: [], data: Float32Array.of(1) });
  builder.node(
    'LabelEncoder',
    ['words'],
    {
      int: attribute.int(-5),
      zero: attribute.int(0),
      float: attribute.float(0.5),
      string: attribute.string('ü'),
      ints: attribute.ints([1, -2, 2 ** 53 - 1]),
      floats: attribute.floats([0.25, -0]),
      strings: attribute.strings(['a', '', 'ß']),
      tensor: attribute.tensor({ name: 't', type: 'int64', shape: [1], data: BigInt64Array.of(3n) }),
      none: attribute.ints([]),
    },
    { domain: 'ai.onnx.ml' },
  );
  builder.node('Clip', ['x', '', 'one'], {}, { outputs: ['y'] });
  builder.output('y', 'float32', ['N', 3]);
  return builder.build();
}

describe('a model file', () => {
  it('comes back as the graph and metadata that were written', () => {
    const graph = everything();
    const metadata = { 'lockstep.format': '1', empty: '', 'lockstep.labels': '["ano","ne"]' };
    expect(decodeModel(encodeModel(graph, { metadata }))).toEqual({ graph, metadata });
  });

  it('has the same bytes every time it is written', () => {
    const bytes = encodeModel(everything(), { metadata: { a: '1' } });
    expect(encodeModel(everything(), { metadata: { a: '1' } })).toEqual(bytes);
    const { graph, metadata } = decodeModel(bytes);
    expect(encodeModel(graph, { metadata })).toEqual(bytes);
  });

  it('names only the operator sets that its nodes use', () => {
    const builder = new GraphBuilder('plain');
    builder.output('y', 'float32', [], builder.input('x', 'float32', []));
    expect(decodeModel(encodeModel(builder.build())).graph.opsets).toEqual({ '': 17 });
  });

  it('keeps a tensor that is a view into a larger buffer', () => {
    const whole = Float32Array.of(9, 1, 2, 9);
    const builder = new GraphBuilder('view');
    builder.initializer({ name: 'part', type: 'float32', shape: [2], data: whole.subarray(1, 3) });
    expect(decodeModel(encodeModel(builder.build())).graph.initializers[0]?.data).toEqual(Float32Array.of(1, 2));
  });

  it('keeps any text and any float64', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.double({ noNaN: true })), (texts, reals) => {
        const builder = new GraphBuilder('any');
        builder.initializer({ name: 's', type: 'string', shape: [texts.length], data: texts });
        builder.initializer({ name: 'd', type: 'float64', shape: [reals.length], data: Float64Array.from(reals) });
        const back = decodeModel(encodeModel(builder.build())).graph.initializers;
        expect(back[0]?.data).toEqual(texts);
        expect(back[1]?.data).toEqual(Float64Array.from(reals));
      }),
      { numRuns: 50 },
    );
  });
});

describe('element types', () => {
  it('have the numbers of the ONNX specification', () => {
    expect(DATA_TYPES).toEqual({ float32: 1, uint8: 2, int32: 6, int64: 7, string: 8, bool: 9, float64: 11 });
  });

  it('have the sizes of their arrays', () => {
    expect(ELEMENT_BYTES).toEqual({ float32: 4, float64: 8, int64: 8, int32: 4, uint8: 1, bool: 1, string: 0 });
  });
});
