/** Fields of the ONNX schema that are not read: some may be passed over, the rest would change what a model means. */
import type { Message } from '@bufbuild/protobuf';

/** Parts of a model whose fields are looked at. */
export type ModelPart = 'model' | 'graph' | 'node' | 'attribute' | 'tensor';

/** Fields without influence on what is computed, by number: documentation, quantisation notes, metadata, placement. */
const HARMLESS: Readonly<Record<ModelPart, ReadonlySet<number>>> = {
  model: new Set([26]),
  graph: new Set([14, 16]),
  node: new Set([9, 10]),
  attribute: new Set([13]),
  tensor: new Set([12, 16]),
};

/** Official names of fields that are refused, by number. */
const NAMES: Readonly<Record<ModelPart, Readonly<Record<number, string>>>> = {
  model: { 20: 'training_info', 25: 'functions' },
  graph: { 15: 'sparse_initializer' },
  node: { 8: 'overload' },
  attribute: {
    10: 'tensors',
    11: 'graphs',
    14: 'tp',
    15: 'type_protos',
    21: 'ref_attr_name',
    22: 'sparse_tensor',
    23: 'sparse_tensors',
  },
  tensor: { 3: 'segment', 11: 'uint64_data' },
};

/** Refuses a message that carries a field which is neither read nor harmless; trailing garbage is such a field too. */
export function refuseUnreadFields(message: Message, part: ModelPart, refused: (why: string) => Error): void {
  for (const { no } of message.$unknown ?? []) {
    if (HARMLESS[part].has(no)) continue;
    throw refused(`a ${part} has ${NAMES[part][no] ?? `the unknown field ${no}`}, which is not read`);
  }
}
