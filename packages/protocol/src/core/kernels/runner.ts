/** What computes one block of a formula. */

/** Elements of a block: 32 KiB a vector, so that those of an optimizer stay in a core's cache. */
export const BLOCK_ELEMENTS = 2 ** 13;

/** SIMD instructions take four elements at once; a block's last ones are made up with its last element. */
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
