/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * A number depends only on its key and its place, never on what was drawn before.
 */

/** What random numbers are for; part of the key, so that no two uses share numbers. */
export const RandomPurpose = {
  shuffle: 1,
  initialize: 2,
  dropout: 3,
  split: 4,
  isolationForest: 5,
  neighbors: 6,
} as const;

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
const TO_UNIT = 1 / 16_777_216;
const TWO_32 = 4_294_967_296;

/** High 32 bits of the 64-bit product of two 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (cross >>> 16)) >>> 0;
}

/**
 * One Philox4x32-10 block.
 * @param counter four 32-bit words, left as they are
 * @param key two 32-bit words
 * @param out receives four 32-bit words
 */
export function philox4x32(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  let c0 = counter[0]!;
  let c1 = counter[1]!;
  let c2 = counter[2]!;
  let c3 = counter[3]!;
  let k0 = key[0]!;
  let k1 = key[1]!;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Random numbers of one purpose at one place, for example dropout of layer `b` in step `a`. */
export class RandomStream {
  readonly #key = new Uint32Array(2);
  readonly #counter = new Uint32Array(4);
  readonly #block = new Uint32Array(4);

  /**
   * @param seed 32-bit seed of the job
   * @param purpose one of {@link RandomPurpose}, below 256
   * @param a for example the step or epoch, below 2^32
   * @param b for example the layer, below 2^24
   */
  constructor(seed: number, purpose: number, a = 0, b = 0) {
    this.#key[0] = seed >>> 0;
    this.#key[1] = ((purpose & 0xff) | (b << 8)) >>> 0;
    this.#counter[3] = a >>> 0;
  }

  /** 32 random bits: number `index` of row `row`. */
  uint32(index: number, row = 0): number {
    this.#fill(Math.floor(index / 4), row);
    return this.#block[index % 4]!;
  }

  /** A uniform number in [0, 1), a multiple of 2^-24 and so exact in float32. */
  uniform(index: number, row = 0): number {
    return (this.uint32(index, row) >>> 8) * TO_UNIT;
  }

  /** Fills `out` with the uniform numbers `start`, `start` + 1... of a row; `start` is a multiple of 4. */
  fillUniform(out: Float32Array, row = 0, start = 0): void {
    for (let index = 0; index < out.length; index += 4) {
      this.#fill((start + index) / 4, row);
      const end = Math.min(4, out.length - index);
      for (let word = 0; word < end; word++) out[index + word] = (this.#block[word]! >>> 8) * TO_UNIT;
    }
  }

  #fill(blockIndex: number, row: number): void {
    this.#counter[0] = blockIndex >>> 0;
    this.#counter[1] = Math.floor(blockIndex / TWO_32);
    this.#counter[2] = row >>> 0;
    philox4x32(this.#counter, this.#key, this.#block);
  }
}

/** Unbiased draw below `bound`; rejected words are replaced by the next of the same row. */
function drawBelow(stream: RandomStream, bound: number, row: number): number {
  const limit = TWO_32 - (TWO_32 % bound);
  for (let index = 0; ; index++) {
    const word = stream.uint32(index, row);
    if (word < limit) return word % bound;
  }
}

/** The permutation of 0..count-1 of (seed, purpose, a): Fisher-Yates from the end. */
export function permutation(seed: number, purpose: number, a: number, count: number, b = 0): Uint32Array {
  const order = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  const stream = new RandomStream(seed, purpose, a, b);
  for (let last = count - 1; last > 0; last--) {
    const other = drawBelow(stream, last + 1, last);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
