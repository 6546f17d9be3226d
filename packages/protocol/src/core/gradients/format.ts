/**
 * Number types of gradients on their way to the sum. Every operand of an addition of the reduction tree is rounded to
 * the format, whoever adds and wherever the operand came from: that is what keeps bits independent of workers and links.
 */
import { bfloat16, float16, flush, type Term, vector } from '../kernels/formula.js';
import { createKernel } from '../kernels/kernel.js';
import { BLOCK_ELEMENTS } from '../kernels/runner.js';
import type { ElementRange } from '../parameters/chunk.js';
import { float16Code, float16Word } from './float16.js';

/** Gives the bytes of a range of a vector. They stay until the same range is encoded again, or the vector is written. */
export type Encode = (vector: Float32Array, range: ElementRange) => Uint8Array;

/** A format. */
export interface GradientFormat {
  readonly name: 'float32' | 'bfloat16' | 'float16';
  /** Bytes of an element that travels. */
  readonly elementBytes: 2 | 4;
  /** What an addition takes of an element. Rounding twice gives the bits of rounding once. */
  readonly operand: (element: Term) => Term;
  /** Memory for one vector of this length. */
  readonly encoder: (elementCount: number) => Encode;
  /** Writes elements, little-endian in `bytes`, to a vector of just as many. */
  readonly decode: (bytes: Uint8Array, into: Float32Array) => void;
}

const float32: GradientFormat = {
  name: 'float32',
  elementBytes: 4,
  operand: flush,
  encoder:
    () =>
    ({ buffer, byteOffset }, { start, end }) =>
      new Uint8Array(buffer, byteOffset + start * 4, (end - start) * 4),
  decode: (bytes, into) => new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(bytes),
};

/** Every format by its name. */
export const GRADIENT_FORMATS: Readonly<Record<GradientFormat['name'], GradientFormat>> = {
  float32,
  bfloat16: halfFormat('bfloat16', bfloat16, packBfloat16, unpackBfloat16),
  float16: halfFormat('float16', float16, packFloat16, unpackFloat16),
};

/** The format of a name; null where there is none. */
export function gradientFormat(name: string): GradientFormat | null {
  return Object.values(GRADIENT_FORMATS).find((format) => format.name === name) ?? null;
}

/** The format in which the sum over a node travels: that over all lanes is no operand of an addition, so it is whole. */
export function formatOfNode(
  format: GradientFormat,
  { first, end }: { readonly first: number; readonly end: number },
  laneCount: number,
): GradientFormat {
  return end - first === laneCount ? float32 : format;
}

/** A format of two bytes. @param pack finds the codes of rounded elements */
function halfFormat(
  name: GradientFormat['name'],
  operand: (element: Term) => Term,
  pack: (words: Uint32Array, codes: Uint16Array) => void,
  unpack: (codes: Uint16Array, words: Uint32Array) => void,
): GradientFormat {
  const round = createKernel({ outputs: { rounded: operand(vector('element')) } });
  const rounded = new Float32Array(BLOCK_ELEMENTS);
  const words = wordsOf(rounded);
  return {
    ...{ name, elementBytes: 2, operand },
    encoder: (elementCount) => {
      let memory: Uint16Array | null = null;
      return (gradient, { start, end }) => {
        memory ??= new Uint16Array(elementCount);
        for (let first = start; first < end; first += BLOCK_ELEMENTS) {
          const last = Math.min(end, first + BLOCK_ELEMENTS);
          round.run({ element: gradient.subarray(first, last), rounded }, {}, 0, last - first);
          pack(words, memory.subarray(first, last));
        }
        return new Uint8Array(memory.buffer, start * 2, (end - start) * 2);
      };
    },
    // A message's bytes may start at an odd place.
    decode: (bytes, into) => unpack(new Uint16Array(new Uint8Array(bytes).buffer), wordsOf(into)),
  };
}

function packBfloat16(words: Uint32Array, codes: Uint16Array): void {
  for (let index = 0; index < codes.length; index++) codes[index] = words[index]! >>> 16;
}

function unpackBfloat16(codes: Uint16Array, words: Uint32Array): void {
  for (let index = 0; index < codes.length; index++) words[index] = codes[index]! << 16;
}

/** By sign and exponent of a float32 that float16 can hold: its code without the rest, and how far the rest moves. */
const CODES_OF_POWERS = Uint16Array.from({ length: 2 ** 9 }, (_, upper) => float16Code(upper << 23));
const SHIFTS_OF_RESTS = Uint8Array.from({ length: 2 ** 9 }, (_, upper) => Math.max(13, 126 - (upper & 0xff)));

function packFloat16(words: Uint32Array, codes: Uint16Array): void {
  for (let index = 0; index < codes.length; index++) {
    const word = words[index]!;
    const upper = word >>> 23;
    codes[index] = CODES_OF_POWERS[upper]! + ((word & 0x7fffff) >>> SHIFTS_OF_RESTS[upper]!);
  }
}

let float16Words: Uint32Array | null = null;

function unpackFloat16(codes: Uint16Array, words: Uint32Array): void {
  float16Words ??= Uint32Array.from({ length: 2 ** 16 }, (_, code) => float16Word(code));
  const table = float16Words;
  for (let index = 0; index < codes.length; index++) words[index] = table[codes[index]!]!;
}

function wordsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
