/** Where each tensor lies in the flat parameter vector that travels, is reduced and updated as one. */

/** One tensor's place. `start` and `length` in elements. */
export interface TensorLayout {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly length: number;
  readonly trainable: boolean;
}

/** All tensors in layer order. Padding elements are 0. */
export interface ParameterLayout {
  readonly tensors: readonly TensorLayout[];
  /** Length of the flat vector with its padding, in elements. */
  readonly elementCount: number;
}

/** Elements of a 64-byte line of float32: engines see every tensor on such a boundary. */
export const ALIGNMENT_ELEMENTS = 16;

/** Lays tensors one after another, each on a 64-byte boundary. */
export function layoutParameters(
  tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly trainable: boolean }[],
): ParameterLayout {
  let start = 0;
  const placed = tensors.map(({ name, shape, trainable }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const tensor = { name, shape, start, length, trainable };
    start += Math.ceil(length / ALIGNMENT_ELEMENTS) * ALIGNMENT_ELEMENTS;
    return tensor;
  });
  return { tensors: placed, elementCount: start };
}

/** Elements of one tensor as a view. */
export function tensorView(flat: Float32Array, tensor: TensorLayout): Float32Array {
  return flat.subarray(tensor.start, tensor.start + tensor.length);
}

/** Little-endian bytes of the trainable tensors in order, without padding: what `parametersSha256` hashes. */
export function canonicalParameterBytes(flat: Float32Array, layout: ParameterLayout): Uint8Array[] {
  return layout.tensors
    .filter((tensor) => tensor.trainable)
    .map((tensor) => {
      const view = tensorView(flat, tensor);
      return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    });
}
