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
const LOWER_BITS = 16;
const LOWER_MASK = 0xffff;

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
  const upper = new Uint32Array(2 ** (32 - LOWER_BITS));
  yield* inPieces(next.length, (start, end) => {
    for (let index = start; index < end; index++) {
      next[index] = gradient[index]! + residual[index]!;
      const bin = (words[index]! & SIZE_BITS) >>> LOWER_BITS;
      upper[bin] = upper[bin]! + 1;
    }
  });
  const first = binOf(upper, k);
  const lower = new Uint32Array(2 ** LOWER_BITS);
  yield* inPieces(next.length, (start, end) => {
    for (let index = start; index < end; index++) {
      const size = words[index]! & SIZE_BITS;
      if (size >>> LOWER_BITS === first.bin) lower[size & LOWER_MASK] = lower[size & LOWER_MASK]! + 1;
    }
  });
  const second = binOf(lower, first.wanted);
  const least = first.bin * 2 ** LOWER_BITS + second.bin;
  const entries = new Uint32Array(codes.buffer, codes.byteOffset, 2 * k);
  let at = 0;
  let equal = second.wanted;
  let isSound = true;
  yield* inPieces(next.length, (start, end) => {
    for (let index = start; index < end; index++) {
      const word = words[index]!;
      const size = word & SIZE_BITS;
      if (size < least || (size === least && equal-- <= 0)) {
        gradient[index] = 0;
        continue;
      }
      if (size >= INFINITY_BITS) isSound = false;
      entries[at++] = index;
      entries[at++] = word;
      gradient[index] = next[index]!;
      next[index] = 0;
    }
  });
  if (!isSound) next.set(residual);
}

/** The bin that the k-th largest number is in. @returns how many of that bin belong to the k largest, too */
function binOf(counts: Uint32Array, k: number): { readonly bin: number; readonly wanted: number } {
  let wanted = k;
  let bin = counts.length - 1;
  while (counts[bin]! < wanted) wanted -= counts[bin--]!;
  return { bin, wanted };
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
