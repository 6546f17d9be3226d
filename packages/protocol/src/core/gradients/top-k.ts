/**
 * top-k: the k elements of a vector that are largest in size, as they are; of equal ones those that stand first. An
 * element travels as its index (uint32) and its value (float32), little-endian, in the order of indices.
 */
import { inPieces } from '../pieces.js';
import { MAX_FRAME_BYTES } from './frame.js';
import { badCodes, type LaneCodec, type LaneDecoder, type LaneVectors } from './lane-codec.js';

const ENTRY_BYTES = 8;
const SIZE_BITS = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
/** Bits of a size that are looked at one after another: counts of each fit the nearest cache. */
const DIGITS = [
  { shift: 20, bits: 11 },
  { shift: 10, bits: 10 },
  { shift: 0, bits: 10 },
] as const;

/** The codec for vectors of a length. k is the fraction of the length, rounded up. */
export function topKCodec(elementCount: number, fraction: number): LaneCodec {
  const k = Math.min(elementCount, Math.ceil(elementCount * fraction));
  return {
    name: 'topK',
    codeBytes: k * ENTRY_BYTES,
    frameBytes: MAX_FRAME_BYTES,
    encode: (vectors, codes) => encode(vectors, codes, k),
    decoder: (into) => new TopKDecoder(into),
  };
}

function* encode(vectors: LaneVectors, codes: Uint8Array, k: number): Generator<void, void> {
  const { gradient, residual, next } = vectors;
  const words = new Uint32Array(next.buffer, next.byteOffset, next.length);
  yield* inPieces(next.length, (start, end) => addRange(gradient, residual, next, start, end));
  const least = yield* kthSize(words, k);
  const entries = new Entries(new Uint32Array(codes.buffer, codes.byteOffset, 2 * k), least);
  yield* inPieces(next.length, (start, end) => entries.take(gradient, next, words, start, end));
  if (!entries.isSound) next.set(residual);
}

function addRange(left: Float32Array, right: Float32Array, into: Float32Array, start: number, end: number): void {
  for (let index = start; index < end; index++) into[index] = left[index]! + right[index]!;
}

/** A size, as bits, and how many of that size belong to the largest. */
interface LeastSize {
  readonly size: number;
  readonly count: number;
}

/** The k-th largest size, found digit by digit. */
function* kthSize(words: Uint32Array, k: number): Generator<void, LeastSize> {
  let size = 0;
  let count = k;
  for (const { shift, bits } of DIGITS) {
    const counts = new Uint32Array(2 ** bits);
    const prefix = size >>> (shift + bits);
    yield* inPieces(words.length, (start, end) => countDigits(words, counts, { shift, bits, prefix }, start, end));
    let digit = counts.length - 1;
    while (counts[digit]! < count) count -= counts[digit--]!;
    size += digit * 2 ** shift;
  }
  return { size, count };
}

/** Counts digits of sizes whose digits before are the prefix. */
function countDigits(
  words: Uint32Array,
  counts: Uint32Array,
  { shift, bits, prefix }: { readonly shift: number; readonly bits: number; readonly prefix: number },
  start: number,
  end: number,
): void {
  const mask = 2 ** bits - 1;
  const above = shift + bits;
  for (let index = start; index < end; index++) {
    const size = words[index]! & SIZE_BITS;
    // A shift by 31 leaves nothing of a size.
    if (size >>> above !== prefix) continue;
    const digit = (size >>> shift) & mask;
    counts[digit] = counts[digit]! + 1;
  }
}

/** What is sent, as it is found. */
class Entries {
  readonly #entries: Uint32Array;
  readonly #size: number;
  #equal: number;
  #at = 0;
  isSound = true;

  constructor(entries: Uint32Array, { size, count }: LeastSize) {
    this.#entries = entries;
    this.#size = size;
    this.#equal = count;
  }

  /** Leaves what is sent in `gradient`, and the rest in `next`. */
  take(gradient: Float32Array, next: Float32Array, words: Uint32Array, start: number, end: number): void {
    const least = this.#size;
    const entries = this.#entries;
    let at = this.#at;
    for (let index = start; index < end; index++) {
      const word = words[index]!;
      const size = word & SIZE_BITS;
      if (size < least || (size === least && this.#equal-- <= 0)) {
        gradient[index] = 0;
        continue;
      }
      if (size >= INFINITY_BITS) this.isSound = false;
      entries[at++] = index;
      entries[at++] = word;
      gradient[index] = next[index]!;
      next[index] = 0;
    }
    this.#at = at;
  }
}

class TopKDecoder implements LaneDecoder {
  readonly #into: Float32Array;
  received = 0;
  #least = 0;

  constructor(into: Float32Array) {
    this.#into = into.fill(0);
  }

  take(bytes: Uint8Array): void {
    if (bytes.length % ENTRY_BYTES > 0) throw badCodes('topK does not end with an element');
    // A message's bytes may start at an odd place.
    const entries = new Uint32Array(new Uint8Array(bytes).buffer);
    const values = new Float32Array(entries.buffer);
    for (let at = 0; at < entries.length; at += 2) {
      const index = entries[at]!;
      if (index < this.#least || index >= this.#into.length) throw badCodes(`element ${index} is out of order`);
      this.#into[index] = values[at + 1]!;
      this.#least = index + 1;
    }
    this.received += bytes.length;
  }
}
