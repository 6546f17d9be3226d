/** What computes one block of a formula. */

/** Elements of a block: 32 KiB a vector, so that those of an optimizer stay in a core's cache. */
export const BLOCK_ELEMENTS = 2 ** 13;

/** Elements that one SIMD instruction takes. */
export const LANE_ELEMENTS = 4;

/** Bits of the one NaN that kernels write: which of its many forms an addition gives is up to the processor. */
export const NAN_BITS = 0x7fc00000;

/** Memory of a runner that holds a block of a named vector. */
export interface NamedBlock {
  readonly name: string;
  readonly block: Float32Array;
}

/** One formula, ready to be computed. */
export interface Runner {
  readonly inputs: readonly NamedBlock[];
  readonly outputs: readonly NamedBlock[];
  readonly scalars: readonly string[];
  /**
   * Computes the first `count` elements of the blocks.
   * @param scalars in the order of the names
   * @returns whether the formula's `finite` is finite in all of them
   */
  compute(count: number, scalars: readonly number[]): boolean;
}

/** Gives every NaN of the first `count` elements the same bits. */
export function unifyNans(values: Float32Array, count: number): void {
  const words = new Int32Array(values.buffer, values.byteOffset, count);
  for (let index = 0; index < count; index++) if (Number.isNaN(values[index])) words[index] = NAN_BITS;
}
