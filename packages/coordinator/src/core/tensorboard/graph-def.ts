/** An ONNX graph as the GraphDef that TensorBoard's graph page draws: operators below the layer that they belong to. */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type Attribute,
  type Dimension,
  type ElementType,
  type Graph,
  inferShapes,
  type ValueInfo,
} from '@lockstep/model';
import { type AttrValueSchema, DataType, GraphDefSchema } from './gen/event_pb.js';

const DATA_TYPES: Readonly<Record<ElementType, DataType>> = {
  float32: DataType.DT_FLOAT,
  float64: DataType.DT_DOUBLE,
  int64: DataType.DT_INT64,
  int32: DataType.DT_INT32,
  uint8: DataType.DT_UINT8,
  bool: DataType.DT_BOOL,
  string: DataType.DT_STRING,
};
/** Least version of a consumer's GraphDef; nothing in ours is newer. */
const PRODUCER = 22;
/** Where what depends on the target is drawn. */
const LOSS_SCOPE = 'loss';
const TARGET = 'target';

type AttrValue = MessageInitShape<typeof AttrValueSchema>;

/** Bytes of the GraphDef. */
export function graphDef(graph: Graph): Uint8Array {
  const values = inferShapes(graph);
  const scopes = scopesOf(graph);
  /** Name of what makes a value, as others name it. */
  const sources = new Map<string, string>();
  const shapeOf = (names: readonly string[]): Record<string, AttrValue> => {
    const known = names.flatMap((name) => values.get(name) ?? []);
    const [first] = known;
    return {
      _output_shapes: { value: { case: 'list', value: { shape: known.map(shapeMessage) } } },
      ...(first ? { dtype: { value: { case: 'type', value: DATA_TYPES[first.type] } } } : {}),
    };
  };
  const leaf = (name: string, op: string, path: string) => {
    sources.set(name, path);
    return { name: path, op, attr: shapeOf([name]) };
  };
  const leaves = [
    ...graph.inputs.map(({ name }) => leaf(name, name.includes('/') ? 'Parameter' : 'Placeholder', name)),
    ...graph.initializers.map(({ name }) => leaf(name, 'Const', scoped(scopes.get(name), name))),
  ];
  for (const { name, outputs } of graph.nodes) {
    const path = scoped(scopes.get(name), name);
    for (const [index, output] of outputs.entries()) sources.set(output, index === 0 ? path : `${path}:${index}`);
  }
  const nodes = graph.nodes.map(({ name, op, inputs, outputs, attributes }) => ({
    ...{ name: scoped(scopes.get(name), name), op, input: inputs.flatMap((input) => sources.get(input) ?? []) },
    attr: { ...shapeOf(outputs), ...attributesOf(attributes) },
  }));
  const message = create(GraphDefSchema, { node: [...leaves, ...nodes], versions: { producer: PRODUCER } });
  return toBinary(GraphDefSchema, message);
}

/**
 * Scopes of nodes and constants by name: the layer whose parameters a node takes, else that of what it takes; a constant
 * is where it is used first.
 */
function scopesOf({ inputs, initializers, nodes }: Graph): ReadonlyMap<string, string> {
  const ofValue = new Map(
    inputs.map(({ name }) => [name, name === TARGET ? LOSS_SCOPE : name.split('/').slice(0, -1).join('/')]),
  );
  const constants = new Set(initializers.map(({ name }) => name));
  const scopes = new Map<string, string>();
  for (const node of nodes) {
    const found = node.inputs.map((input) => ofValue.get(input) ?? '');
    const own = node.inputs.find((input) => input.includes('/') && ofValue.has(input));
    const scope = found.includes(LOSS_SCOPE) ? LOSS_SCOPE : ((own && ofValue.get(own)) ?? found.find(Boolean) ?? '');
    scopes.set(node.name, scope);
    for (const output of node.outputs) ofValue.set(output, scope);
    for (const input of node.inputs) if (constants.has(input) && !scopes.has(input)) scopes.set(input, scope);
  }
  return scopes;
}

function scoped(scope: string | undefined, name: string): string {
  return scope ? `${scope}/${name}` : name;
}

function shapeMessage({ shape }: ValueInfo): { dim: { size: bigint; name: string }[] } {
  const dim = (size: Dimension): { size: bigint; name: string } =>
    typeof size === 'number' ? { size: BigInt(size), name: '' } : { size: -1n, name: size };
  return { dim: shape.map(dim) };
}

function attributesOf(attributes: Readonly<Record<string, Attribute>>): Record<string, AttrValue> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]) => {
      const value = attributeMessage(attribute);
      return value ? [[name, value]] : [];
    }),
  );
}

/** Null of a tensor, which nobody reads in a drawing. */
function attributeMessage(attribute: Attribute): AttrValue | null {
  const text = new TextEncoder();
  switch (attribute.kind) {
    case 'int':
      return { value: { case: 'i', value: BigInt(attribute.value) } };
    case 'float':
      return { value: { case: 'f', value: attribute.value } };
    case 'string':
      return { value: { case: 's', value: text.encode(attribute.value) } };
    case 'ints':
      return { value: { case: 'list', value: { i: attribute.value.map(BigInt) } } };
    case 'floats':
      return { value: { case: 'list', value: { f: [...attribute.value] } } };
    case 'strings':
      return { value: { case: 'list', value: { s: attribute.value.map((each) => text.encode(each)) } } };
    case 'tensor':
      return null;
  }
}
