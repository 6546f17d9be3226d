/**
 * Number types of gradients on their way to the sum. Every operand of an addition of the reduction tree is rounded to
 * the format, whoever adds and wherever the operand came from: that is what keeps bits independent of workers and links.
 */
import { bfloat16, float16, flush, type Term } from '../kernels/formula.js';
import type { ElementRange } from '../parameters/chunk.js';
import { bfloat16Code, bfloat16Word } from './bfloat16.js';
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
  bfloat16: halfFormat('bfloat16', bfloat16, encodeBfloat16, (codes, into) => {
    for (let index = 0; index < codes.length; index++) into[index] = bfloat16Word(codes[index]!);
  }),
  float16: halfFormat('float16', float16, encodeFloat16, (codes, into) => {
    const table = float16Words();
    for (let index = 0; index < codes.length; index++) into[index] = table[codes[index]!]!;
  }),
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

/** A format of two bytes. */
function halfFormat(
  name: GradientFormat['name'],
  operand: (element: Term) => Term,
  encode: (words: Int32Array, codes: Uint16Array) => void,
  decode: (codes: Uint16Array, words: Int32Array) => void,
): GradientFormat {
  return {
    ...{ name, elementBytes: 2, operand },
    encoder: (elementCount) => {
      let memory: Uint16Array | null = null;
      return (vector, { start, end }) => {
        memory ??= new Uint16Array(elementCount);
        const codes = memory.subarray(start, end);
        encode(wordsOf(vector.subarray(start, end)), codes);
        return new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
      };
    },
    // A message's bytes may start at an odd place.
    decode: (bytes, into) => decode(new Uint16Array(Uint8Array.from(bytes).buffer), wordsOf(into)),
  };
}

function encodeBfloat16(words: Int32Array, codes: Uint16Array): void {
  for (let index = 0; index < words.length; index++) codes[index] = bfloat16Code(words[index]!);
}

function encodeFloat16(words: Int32Array, codes: Uint16Array): void {
  for (let index = 0; index < words.length; index++) codes[index] = float16Code(words[index]!);
}

let float16Table: Int32Array | null = null;

/** The float32 of every code: a table is three times as fast as arithmetic. */
function float16Words(): Int32Array {
  float16Table ??= Int32Array.from({ length: 2 ** 16 }, (_, code) => float16Word(code));
  return float16Table;
}

function wordsOf(vector: Float32Array): Int32Array {
  return new Int32Array(vector.buffer, vector.byteOffset, vector.length);
}
