/** Elements of each tensor of a flat vector: all of a small one, a fixed spread of a large one. */
import { type ParameterLayout, type TensorLayout, tensorView } from '@lockstep/protocol/core';

/** Elements taken of one tensor at most, and of all together about: a millisecond or two, however large the layers are. */
const MAX_OF_TENSOR = 2 ** 13;
const MAX_OF_ALL = 2 ** 17;
/** Of a tensor in any case. */
const MIN_OF_TENSOR = 2 ** 10;
/** Fractional part of the golden ratio: its multiples spread evenly, and fall in step with no row length. */
const GOLDEN = 0.6180339887498949;

/** Copies, by tensor. */
export type TensorSamples = ReadonlyMap<string, Float32Array>;

/** Takes the same elements each time. */
export function sampleTensors(flat: Float32Array, { tensors }: ParameterLayout): TensorSamples {
  const limit = Math.max(MIN_OF_TENSOR, Math.min(MAX_OF_TENSOR, Math.floor(MAX_OF_ALL / tensors.length)));
  return new Map(tensors.map((tensor) => [tensor.name, sampleTensor(flat, tensor, limit)]));
}

function sampleTensor(flat: Float32Array, tensor: TensorLayout, limit: number): Float32Array {
  const all = tensorView(flat, tensor);
  if (all.length <= limit) return all.slice();
  const stretch = all.length / limit;
  const taken = new Float32Array(limit);
  for (let index = 0; index < limit; index++) {
    const offset = (index * GOLDEN) % 1;
    taken[index] = all[Math.floor((index + offset) * stretch)]!;
  }
  return taken;
}
