/** Reads the bytes of an ONNX model; refuses whatever a model of ours has no use for. */
import { fromBinary } from '@bufbuild/protobuf';
import { LockstepError } from '@lockstep/protocol/core';
import type { Attribute, Dimension, ElementType, Graph, Node, Tensor, ValueInfo } from '../graph/graph.js';
import { MAX_ELEMENTS, MAX_MODEL_BYTES, MAX_NODES, MAX_RANK } from '../limits.js';
import { ELEMENT_BYTES, elementTypeOf } from './element-types.js';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from './gen/onnx_pb.js';
import { refuseUnreadFields } from './unread-fields.js';

const DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml']);

/** A graph with the metadata of its file. */
export interface DecodedModel {
  readonly graph: Graph;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads a model. @throws LockstepError MODEL_UNREADABLE naming what is wrong or refused */
export function decodeModel(bytes: Uint8Array): DecodedModel {
  if (bytes.length > MAX_MODEL_BYTES) throw refused(`it has ${bytes.length} bytes, at most ${MAX_MODEL_BYTES}`);
  const model = parse(bytes);
  refuseUnreadFields(model, 'model', refused);
  const graph = model.graph;
  if (!graph || model.opsetImport.length === 0) throw refused('it is not an ONNX model');
  if (graph.node.length > MAX_NODES) throw refused(`it has ${graph.node.length} nodes, at most ${MAX_NODES}`);
  const opsets: Record<string, number> = {};
  for (const { domain, version } of model.opsetImport) {
    if (!DOMAINS.has(domain)) throw refused(`it uses the operator domain ${domain}`);
    opsets[domain === 'ai.onnx' ? '' : domain] = Number(version);
  }
  refuseUnreadFields(graph, 'graph', refused);
  return {
    graph: {
      name: graph.name,
      opsets,
      inputs: graph.input.map(decodeValueInfo),
      outputs: graph.output.map(decodeValueInfo),
      initializers: graph.initializer.map(decodeTensor),
      nodes: graph.node.map(decodeNode),
    },
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
  };
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw refused('it is not an ONNX model', cause);
  }
}

function decodeNode(node: NodeProto): Node {
  if (!DOMAINS.has(node.domain)) throw refused(`node ${node.name} is of the domain ${node.domain}`);
  refuseUnreadFields(node, 'node', refused);
  return {
    name: node.name,
    op: node.opType,
    domain: node.domain === 'ai.onnx' ? '' : node.domain,
    inputs: node.input,
    outputs: node.output,
    attributes: Object.fromEntries(node.attribute.map((found) => [found.name, decodeAttribute(node, found)])),
  };
}

function decodeAttribute(node: NodeProto, found: AttributeProto): Attribute {
  refuseUnreadFields(found, 'attribute', refused);
  const Type = AttributeProto_AttributeType;
  switch (found.type) {
    case Type.INT:
      return { kind: 'int', value: safeInteger(node, found.name, found.i) };
    case Type.FLOAT:
      return { kind: 'float', value: found.f };
    case Type.STRING:
      return { kind: 'string', value: decodeText(found.s) };
    case Type.INTS:
      return { kind: 'ints', value: found.ints.map((value) => safeInteger(node, found.name, value)) };
    case Type.FLOATS:
      return { kind: 'floats', value: found.floats };
    case Type.STRINGS:
      return { kind: 'strings', value: found.strings.map(decodeText) };
    case Type.TENSOR:
      if (found.t) return { kind: 'tensor', value: decodeTensor(found.t) };
      throw refused(`attribute ${found.name} of ${node.name} has no tensor`);
    default:
      throw refused(
        `attribute ${found.name} of ${node.opType} ${node.name} is of a kind that is not read (subgraphs are not)`,
      );
  }
}

/** Text as it is: a leading byte-order mark belongs to it. */
function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function safeInteger(node: NodeProto, name: string, value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw refused(`attribute ${name} of ${node.opType} ${node.name} is ${value}, beyond 2^53`);
}

function decodeTensor(tensor: TensorProto): Tensor {
  refuseUnreadFields(tensor, 'tensor', refused);
  if (tensor.externalData.length > 0 || tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw refused(`tensor ${tensor.name} keeps its data outside the file`);
  }
  const type = elementTypeOf(tensor.dataType ?? 0);
  if (!type) throw refused(`tensor ${tensor.name} has element type ${tensor.dataType}, which is not read`);
  const shape = tensor.dims.map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  if (shape.length > MAX_RANK) throw refused(`tensor ${tensor.name} has ${shape.length} dimensions`);
  if (shape.some((size) => size < 0) || !(count <= MAX_ELEMENTS)) {
    throw refused(`tensor ${tensor.name} has shape [${shape.join(', ')}]`);
  }
  const data = tensorData(tensor, type);
  if (data.length !== count) throw refused(`tensor ${tensor.name} has ${data.length} elements, not ${count}`);
  return { name: tensor.name, type, shape, data };
}

function tensorData(tensor: TensorProto, type: ElementType): Tensor['data'] {
  if (type === 'string') {
    return tensor.stringData.map(decodeText);
  }
  if (tensor.rawData.length > 0) {
    if (tensor.rawData.length % ELEMENT_BYTES[type] !== 0) throw refused(`tensor ${tensor.name} is cut`);
    return typedView(type, new Uint8Array(tensor.rawData).buffer);
  }
  switch (type) {
    case 'float32':
      return Float32Array.from(tensor.floatData);
    case 'float64':
      return Float64Array.from(tensor.doubleData);
    case 'int64':
      return BigInt64Array.from(tensor.int64Data);
    case 'int32':
      return Int32Array.from(tensor.int32Data);
    case 'uint8':
    case 'bool':
      return Uint8Array.from(tensor.int32Data);
  }
}

function typedView(type: Exclude<ElementType, 'string'>, buffer: ArrayBuffer): Tensor['data'] {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer);
  }
}

function decodeValueInfo(value: ValueInfoProto): ValueInfo {
  const tensor = value.type?.tensorType;
  const type = elementTypeOf(tensor?.elemType ?? 0);
  if (!tensor || !type) throw refused(`${value.name} is not a tensor of a type that is read`);
  if (!tensor.shape) throw refused(`${value.name} has no shape`);
  const dims = tensor.shape.dim;
  if (dims.length > MAX_RANK) throw refused(`${value.name} has ${dims.length} dimensions`);
  const shape = dims.map((dimension, axis): Dimension => {
    if (dimension.value.case === 'dimValue') return Number(dimension.value.value);
    return dimension.value.value ?? `${value.name}_${axis}`;
  });
  return { name: value.name, type, shape };
}

function refused(why: string, cause?: unknown): LockstepError {
  return new LockstepError('MODEL_UNREADABLE', { message: `The model cannot be read: ${why}.`, field: 'model', cause });
}
