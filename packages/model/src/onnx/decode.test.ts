import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { LockstepError } from '@lockstep/protocol/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { decodeModel } from './decode.js';
import { encodeModel } from './encode.js';
import {
  AttributeProto_AttributeType,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from './gen/onnx_pb.js';

/** y = relu(x) with an initializer beside it. */
function plain(): Uint8Array {
  const builder = new GraphBuilder('plain');
  builder.initializer({ name: 'c', type: 'float32', shape: [2], data: Float32Array.of(1, 2) });
  builder.output('y', 'float32', ['N', 2], builder.node('Relu', [builder.input('x', 'float32', ['N', 2])]));
  return encodeModel(builder.build());
}

function changed(change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, plain());
  change(model);
  return toBinary(ModelProtoSchema, model);
}

/** The reason for which a model is refused. */
function refusal(bytes: Uint8Array): string {
  try {
    decodeModel(bytes);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(LockstepError);
    expect((thrown as LockstepError).code).toBe('MODEL_UNREADABLE');
    return (thrown as LockstepError).message;
  }
  return 'read';
}

const tensor = (init: MessageInitShape<typeof TensorProtoSchema>): Uint8Array =>
  changed((model) => {
    model.graph!.initializer[0] = create(TensorProtoSchema, { name: 'c', ...init });
  });

/** A length-delimited field with one byte of content. */
const field = (no: number) => [{ no, wireType: 2, data: Uint8Array.of(1, 0) }];

const FLOAT = TensorProto_DataType.FLOAT;

describe('decodeModel refuses', () => {
  it.each(['../../etc/passwd', 'junk/../../x', '/etc/passwd', 'weights.bin'])(
    'A7 data outside of the file, wherever it is: %s',
    (value) => {
      const bytes = tensor({ dims: [2n], dataType: FLOAT, externalData: [{ key: 'location', value }] });
      expect(refusal(bytes)).toContain('tensor c keeps its data outside the file');
    },
  );

  it('A8 an address in memory, an offset and a length beyond all files, and keys that nobody knows', () => {
    for (const externalData of [
      [{ key: 'location', value: '*/_ORT_MEM_ADDR_/*' }],
      [{ key: 'offset', value: '18446744073709551615' }],
      [{ key: 'length', value: '-1' }],
      [{ key: 'no such key', value: 'x' }],
    ]) {
      const bytes = tensor({ dims: [2n], dataType: FLOAT, rawData: new Uint8Array(8), externalData });
      expect(refusal(bytes)).toContain('tensor c keeps its data outside the file');
    }
    const external = tensor({ dims: [2n], dataType: FLOAT, dataLocation: TensorProto_DataLocation.EXTERNAL });
    expect(refusal(external)).toContain('tensor c keeps its data outside the file');
  });

  it('A9 shapes of more elements than there are bytes, and graphs inside of nodes', () => {
    for (const dims of [[2n ** 31n], [2n ** 40n, 2n ** 40n], [2n ** 31n, 2n ** 31n, 2n ** 31n]]) {
      expect(refusal(tensor({ dims, dataType: FLOAT }))).toMatch(/tensor c (has|is cut)/);
    }
    const loop = changed((m) => {
      const body = attributeOf('body', AttributeProto_AttributeType.GRAPH);
      Object.assign(m.graph!.node[0]!, { opType: 'Loop' }).attribute.push(body);
    });
    expect(refusal(loop)).toContain('of a kind that is not read');
  });

  it('A10 operators of other domains, and functions', () => {
    expect(refusal(changed((m) => (m.graph!.node[0]!.domain = 'com.acme')))).toContain('is of the domain com.acme');
    expect(refusal(changed((m) => (m.$unknown = field(25))))).toContain('a model has functions');
  });

  it.each<[string, Uint8Array]>([
    ['it is not an ONNX model', new Uint8Array(0)],
    ['it is not an ONNX model', new TextEncoder().encode('{"model": "not this kind"}')],
    ['it is not an ONNX model', plain().subarray(0, plain().length - 3)],
    ['the unknown field 100', Uint8Array.of(...plain(), 0xa2, 0x06, 0x01, 0x00)],
    ['it uses the operator domain com.acme', changed((m) => (m.opsetImport[0]!.domain = 'com.acme'))],
    ['is of the domain com.acme', changed((m) => (m.graph!.node[0]!.domain = 'com.acme'))],
    ['a graph has sparse_initializer', changed((m) => (m.graph!.$unknown = field(15)))],
    ['a model has functions', changed((m) => (m.$unknown = field(25)))],
    ['a node has overload', changed((m) => (m.graph!.node[0]!.$unknown = field(8)))],
    ['a tensor has segment', changed((m) => (m.graph!.initializer[0]!.$unknown = field(3)))],
    [
      'attribute body of Relu Relu_0 is of a kind that is not read',
      changed((m) => m.graph!.node[0]!.attribute.push(attributeOf('body', AttributeProto_AttributeType.GRAPH))),
    ],
    [
      'beyond 2^53',
      changed((m) => {
        const big = attributeOf('axis', AttributeProto_AttributeType.INT);
        big.i = 2n ** 60n;
        m.graph!.node[0]!.attribute.push(big);
      }),
    ],
    ['tensor c has element type 10', tensor({ dims: [1n], dataType: 10, rawData: new Uint8Array(2) })],
    ['tensor c has element type 0', tensor({ dims: [1n], rawData: new Uint8Array(4) })],
    ['tensor c has 2 elements, not 3', tensor({ dims: [3n], dataType: FLOAT, rawData: new Uint8Array(8) })],
    ['tensor c is cut', tensor({ dims: [2n], dataType: FLOAT, rawData: new Uint8Array(7) })],
    ['tensor c has shape [-1]', tensor({ dims: [-1n], dataType: FLOAT })],
    ['tensor c has shape', tensor({ dims: [2n ** 40n, 2n ** 40n], dataType: FLOAT })],
    ['tensor c has 17 dimensions', tensor({ dims: Array<bigint>(17).fill(1n), dataType: FLOAT, floatData: [1] })],
    ['x is not a tensor of a type that is read', changed((m) => (m.graph!.input[0]!.type!.tensorType!.elemType = 16))],
    ['y has no shape', changed((m) => delete m.graph!.output[0]!.type!.tensorType!.shape)],
    [
      'it has 100001 nodes, at most 100000',
      changed((m) => {
        m.graph!.node = Array(100_001).fill(m.graph!.node[0]);
      }),
    ],
  ])('%s', (reason, bytes) => {
    expect(refusal(bytes)).toContain(reason);
  });

  it('any damage with a readable reason, or reads the rest', () => {
    const bytes = plain();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const damaged = bytes.slice();
        damaged[place]! ^= flip;
        expect(refusal(damaged)).toMatch(/^(read|The model cannot be read: .+\.)$/s);
      }),
      { numRuns: 500 },
    );
  });
});

describe('decodeModel reads', () => {
  it('numbers that other writers put into typed fields', () => {
    const read = (init: MessageInitShape<typeof TensorProtoSchema>) =>
      decodeModel(tensor({ dims: [2n], ...init })).graph.initializers[0]?.data;
    const Type = TensorProto_DataType;
    expect(read({ dataType: Type.FLOAT, floatData: [0.5, -1] })).toEqual(Float32Array.of(0.5, -1));
    expect(read({ dataType: Type.DOUBLE, doubleData: [0.1, 2] })).toEqual(Float64Array.of(0.1, 2));
    expect(read({ dataType: Type.INT64, int64Data: [1n, -9n] })).toEqual(BigInt64Array.of(1n, -9n));
    expect(read({ dataType: Type.INT32, int32Data: [1, -9] })).toEqual(Int32Array.of(1, -9));
    expect(read({ dataType: Type.BOOL, int32Data: [1, 0] })).toEqual(Uint8Array.of(1, 0));
  });

  it('past documentation and metadata of other tools', () => {
    const bytes = changed((model) => {
      model.docString = 'notes';
      model.$unknown = field(26);
      model.graph!.$unknown = [...field(14), ...field(16)];
      model.graph!.node[0]!.$unknown = [...field(9), ...field(10)];
      model.graph!.initializer[0]!.$unknown = field(12);
    });
    expect(refusal(bytes)).toBe('read');
  });

  it('weights from a Buffer, whose slices share memory with it', () => {
    const bytes = changed(() => {});
    const padded = Buffer.concat([Buffer.alloc(24), Buffer.from(bytes)]).subarray(24);
    expect(decodeModel(padded).graph).toEqual(decodeModel(new Uint8Array(bytes)).graph);
  });

  it('the long name of the standard domain as its short one', () => {
    const bytes = changed((model) => {
      model.opsetImport[0]!.domain = 'ai.onnx';
      model.graph!.node[0]!.domain = 'ai.onnx';
    });
    const { graph } = decodeModel(bytes);
    expect(graph.opsets).toEqual({ '': 17 });
    expect(graph.nodes[0]?.domain).toBe('');
  });
});

function attributeOf(name: string, type: AttributeProto_AttributeType) {
  const model = create(ModelProtoSchema, { graph: { node: [{ attribute: [{ name, type }] }] } });
  return model.graph!.node[0]!.attribute[0]!;
}
