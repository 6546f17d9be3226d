/** Writes a graph as the bytes of an ONNX model. */
import { create, toBinary } from '@bufbuild/protobuf';
import type { Attribute, Dimension, Graph, Node, Tensor, ValueInfo } from '../graph/graph.js';
import { DATA_TYPES } from './element-types.js';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './gen/onnx_pb.js';

/** Intermediate-representation version that goes with opset 17. */
const IR_VERSION = 8n;

/** What is written beside the graph. */
export interface EncodeOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producerVersion?: string;
}

/** The bytes of a model; the same graph always gives the same bytes. */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const used = new Set(['', ...graph.nodes.map((node) => node.domain)]);
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'lockstep',
    producerVersion: options.producerVersion ?? '',
    opsetImport: Object.entries(graph.opsets)
      .filter(([domain]) => used.has(domain))
      .map(([domain, version]) => ({ domain, version: BigInt(version) })),
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: graph.nodes.map(encodeNode),
      initializer: graph.initializers.map(encodeTensor),
      input: graph.inputs.map(encodeValueInfo),
      output: graph.outputs.map(encodeValueInfo),
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function encodeNode(node: Node): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.op,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
  });
}

function encodeAttribute(name: string, attribute: Attribute): AttributeProto {
  const text = new TextEncoder();
  const Type = AttributeProto_AttributeType;
  switch (attribute.kind) {
    case 'int':
      return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(attribute.value) });
    case 'float':
      return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: attribute.value });
    case 'string':
      return create(AttributeProtoSchema, { name, type: Type.STRING, s: text.encode(attribute.value) });
    case 'ints':
      return create(AttributeProtoSchema, { name, type: Type.INTS, ints: attribute.value.map(BigInt) });
    case 'floats':
      return create(AttributeProtoSchema, { name, type: Type.FLOATS, floats: [...attribute.value] });
    case 'strings':
      return create(AttributeProtoSchema, {
        name,
        type: Type.STRINGS,
        strings: attribute.value.map((value) => text.encode(value)),
      });
    case 'tensor':
      return create(AttributeProtoSchema, { name, type: Type.TENSOR, t: encodeTensor(attribute.value) });
  }
}

function encodeTensor(tensor: Tensor): TensorProto {
  const head = { name: tensor.name, dims: tensor.shape.map(BigInt), dataType: DATA_TYPES[tensor.type] };
  if (tensor.type === 'string') {
    const text = new TextEncoder();
    const strings = (tensor.data as readonly string[]).map((value) => text.encode(value));
    return create(TensorProtoSchema, { ...head, stringData: strings });
  }
  const data = tensor.data as Exclude<Tensor['data'], readonly string[]>;
  return create(TensorProtoSchema, {
    ...head,
    rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  });
}

function encodeValueInfo(value: ValueInfo): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: { tensorType: { elemType: DATA_TYPES[value.type], shape: { dim: value.shape.map(encodeDimension) } } },
  });
}

function encodeDimension(size: Dimension): {
  value: { case: 'dimValue'; value: bigint } | { case: 'dimParam'; value: string };
} {
  return typeof size === 'number'
    ? { value: { case: 'dimValue', value: BigInt(size) } }
    : { value: { case: 'dimParam', value: size } };
}
