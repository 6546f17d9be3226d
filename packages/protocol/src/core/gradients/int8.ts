/**
 * int8 with a power of two as the scale of each block of 1,024 elements. A block travels as one byte of scale and one
 * byte for each element. Pure arithmetic: every result is exact or rounded once.
 */
import { inPieces } from '../pieces.js';
import { MAX_FRAME_BYTES } from './frame.js';
import { badCodes, type LaneCodec, type LaneDecoder, type LaneVectors } from './lane-codec.js';

/** Elements that share a scale. */
const BLOCK = 1024;
const BLOCK_BYTES = 1 + BLOCK;
const LARGEST_CODE = 127;
const SIZE_BITS = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
const EXPONENT_BIAS = 127;
/** The largest element of a block gets a code from 64 on. */
const CODE_BITS = 6;
/** Byte of a block that holds a number that is not finite; its elements are NaN. */
const NOT_FINITE = 255;
/** Added to a number below 2^51 in size and taken away again, it leaves the nearest whole number, ties to even. */
const ROUND_TO_WHOLE = 1.5 * 2 ** 52;

/** The codec for vectors of a length. */
export function int8Codec(elementCount: number): LaneCodec {
  return {
    name: 'int8',
    codeBytes: elementCount + Math.ceil(elementCount / BLOCK),
    frameBytes: Math.floor(MAX_FRAME_BYTES / BLOCK_BYTES) * BLOCK_BYTES,
    encode: (vectors, codes) => encode(vectors, codes),
    decoder: (into) => new Int8Decoder(into),
  };
}

function* encode(vectors: LaneVectors, codes: Uint8Array): Generator<void, void> {
  const { gradient, residual, next } = vectors;
  const signed = new Int8Array(codes.buffer, codes.byteOffset, codes.length);
  const words = new Int32Array(next.buffer, next.byteOffset, next.length);
  let isSound = true;
  yield* inPieces(gradient.length, (start, end) => {
    for (let first = start; first < end; first += BLOCK) {
      const last = Math.min(end, first + BLOCK);
      const largest = addBlock(vectors, words, first, last);
      const at = first + first / BLOCK;
      codes[at] = scaleByte(largest);
      if (codes[at] === NOT_FINITE) {
        isSound = false;
        signed.fill(0, at + 1, at + 1 + last - first);
        gradient.fill(Number.NaN, first, last);
      } else encodeBlock(gradient, next, signed, { first, last, at: at + 1, exponent: codes[at]! - EXPONENT_BIAS });
    }
  });
  if (!isSound) next.set(residual);
}

/** Writes totals. @returns the bits of the largest in size */
function addBlock({ gradient, residual, next }: LaneVectors, words: Int32Array, first: number, last: number): number {
  let largest = 0;
  for (let index = first; index < last; index++) {
    next[index] = gradient[index]! + residual[index]!;
    const size = words[index]! & SIZE_BITS;
    if (size > largest) largest = size;
  }
  return largest;
}

/** The exponent e of a block's scale 2^e, plus 127: e is 6 less than that of its largest element, and -126 at least. */
function scaleByte(largest: number): number {
  if (largest >= INFINITY_BITS) return NOT_FINITE;
  return Math.max(1, (largest >>> 23) - CODE_BITS);
}

/** Codes are multiples of the scale, at most 127 of them: what the largest elements lose by that is in the residual. */
function encodeBlock(
  gradient: Float32Array,
  next: Float32Array,
  signed: Int8Array,
  block: { readonly first: number; readonly last: number; readonly at: number; readonly exponent: number },
): void {
  const { first, last, at, exponent } = block;
  const [scale, inverse] = [2 ** exponent, 2 ** -exponent];
  for (let index = first; index < last; index++) {
    const total = next[index]!;
    const whole = total * inverse + ROUND_TO_WHOLE - ROUND_TO_WHOLE;
    let code = whole;
    if (code > LARGEST_CODE) code = LARGEST_CODE;
    else if (code < -LARGEST_CODE) code = -LARGEST_CODE;
    signed[at + index - first] = code;
    const sent = code * scale;
    gradient[index] = sent;
    next[index] = total - sent;
  }
}

class Int8Decoder implements LaneDecoder {
  readonly #into: Float32Array;
  received = 0;
  #decoded = 0;

  constructor(into: Float32Array) {
    this.#into = into;
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(BLOCK, this.#into.length - this.#decoded);
      const end = at + 1 + length;
      const byte = bytes[at]!;
      if (length === 0 || end > bytes.length) throw badCodes('int8 does not end with a block');
      if (byte < 1 || (byte > 254 - CODE_BITS && byte !== NOT_FINITE)) throw badCodes(`a block has the scale ${byte}`);
      const scale = byte === NOT_FINITE ? Number.NaN : 2 ** (byte - EXPONENT_BIAS);
      const into = this.#into.subarray(this.#decoded, this.#decoded + length);
      for (let index = 0; index < length; index++) into[index] = ((bytes[at + 1 + index]! << 24) >> 24) * scale;
      this.#decoded += length;
      at = end;
    }
    this.received += bytes.length;
  }
}
