/**
 * A formula as a WebAssembly module of one function. An instruction computes four elements; those of four such groups
 * take turns, as one group's wait for one another. Only instructions of the fixed SIMD set are written, none of the
 * relaxed one, so that each rounds as IEEE 754 says on every processor.
 */
import type { Operation, Program, Term } from './formula.js';
import { BLOCK_ELEMENTS, LANE_ELEMENTS, type Runner, unifyNans } from './runner.js';

/** What is used of the engine's WebAssembly, which the language's own types leave out. */
declare const WebAssembly:
  | {
      readonly validate: (bytes: Uint8Array) => boolean;
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: ModuleExports };
    }
  | undefined;

interface ModuleExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** @param byteCount of a block, a multiple of 64 above 0 @returns bits {@link FAULT} and {@link STRANGE} */
  readonly compute: (byteCount: number, ...scalars: readonly number[]) => number;
}

/**
 * Where a block lies. Other vectors begin at the start of a page of memory or 16 bytes behind it; a copy whose target
 * has about the place in its page that its source has is ten times slower on some processors.
 */
const blockOffset = (index: number): number => 2048 + index * (BLOCK_ELEMENTS * 4 + 256);
const PAGE_BYTES = 2 ** 16;
const LANE_BYTES = 16;
/** Groups of elements that take turns. */
const GROUPS = 4;
/** What ought to be finite is not. */
const FAULT = 1;
/** A result is not finite: its NaNs are still to be made one. */
const STRANGE = 2;

/** Makes the runner; null where the processor or the engine has no such instructions. */
export function simdRunner(program: Program): Runner | null {
  const names = [...new Set([...program.inputs, ...program.outputs.map(({ name }) => name)])];
  const bytes = moduleOf(program, names);
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return null;
  const { memory, compute } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const blockOf = (name: string) => ({
    name,
    block: new Float32Array(memory.buffer, blockOffset(names.indexOf(name)), BLOCK_ELEMENTS),
  });
  const inputs = program.inputs.map(blockOf);
  const outputs = program.outputs.map(({ name }) => blockOf(name));
  return {
    ...{ inputs, outputs, scalars: program.scalars },
    compute(count, scalars) {
      const whole = Math.ceil(count / (GROUPS * LANE_ELEMENTS)) * GROUPS * LANE_ELEMENTS;
      for (const { block } of inputs) block.fill(block[count - 1]!, count, whole);
      const found = compute(whole * 4, ...scalars);
      if ((found & STRANGE) !== 0) for (const { block } of outputs) unifyNans(block, count);
      return (found & FAULT) === 0;
    },
  };
}

type Code = readonly number[];

// Value types, sections and instructions: https://webassembly.github.io/spec/core/binary/
const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const section = (id: number, ...items: readonly Code[]): Code => {
  const content = [...unsigned(items.length), ...items.flat()];
  return [id, ...unsigned(content.length), ...content];
};
const simd = (code: number): Code => [0xfd, ...unsigned(code)];
const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number): Code => [0x21, ...unsigned(local)];
const load = (offset: number): Code => [...simd(0x00), 4, ...unsigned(offset)];
const store = (offset: number): Code => [...simd(0x0b), 4, ...unsigned(offset)];
const splatBits = (bits: number): Code => [...simd(0x0c), ...[0, 1, 2, 3].flatMap(() => littleEndian(bits))];
const SPLAT = simd(0x13);
const EQUAL = simd(0x41);
const NOT_EQUAL = simd(0x42);
const LESS = simd(0x43);
const GREATER = simd(0x44);
const AND = simd(0x4e);
const AND_NOT = simd(0x4f);
const OR = simd(0x50);
const SELECT = simd(0x52);
const ANY_TRUE = simd(0x53);
const AT_LEAST = simd(0x46);
const ADD_WORDS = simd(0xae);
const GREATEST_WORD = simd(0xb8);
/** Shifts words to the right by 16 bits. */
const UPPER_HALF = [0x41, 16, ...simd(0xad)];
const ABSOLUTE = simd(0xe0);
const NEGATE = simd(0xe1);
const SUBTRACT = simd(0xe5);
const SMALLEST_NORMAL_BITS = 0x00800000;
/** Everything but the sign; taken from a register, where an absolute value is made of three instructions. */
const SIZE_BITS = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
const TWO_TO_16_BITS = 0x47800000;
const HALF_BITS = 0x3f000000;
const SIGN_BIT = 0x80000000;

const INSTRUCTIONS: Readonly<Record<Operation, (left: Code, right: Code) => Code>> = {
  add: (left, right) => [...left, ...right, ...simd(0xe4)],
  subtract: (left, right) => [...left, ...right, ...SUBTRACT],
  multiply: (left, right) => [...left, ...right, ...simd(0xe6)],
  divide: (left, right) => [...left, ...right, ...simd(0xe7)],
  least: (left, right) => [...left, ...right, ...simd(0xe8)],
  greatest: (left, right) => [...left, ...right, ...simd(0xe9)],
  root: (of) => [...of, ...simd(0xe3)],
  flush: (of) => {
    const size = [...of, ...splatBits(SIZE_BITS), ...AND];
    return [...of, ...size, ...splatBits(SMALLEST_NORMAL_BITS), ...LESS, ...AND_NOT];
  },
  signed: (size, of) => {
    const positive = [...size, ...of, ...splatBits(0), ...GREATER, ...AND];
    return [...positive, ...size, ...NEGATE, ...of, ...splatBits(0), ...LESS, ...AND, ...OR];
  },
  bfloat16: (of) => {
    const isOdd = [...of, ...UPPER_HALF, ...splatBits(1), ...AND];
    const carried = [...of, ...isOdd, ...ADD_WORDS, ...splatBits(0x7fff), ...ADD_WORDS];
    return [...carried, ...splatBits(0xffff0000), ...AND, ...of, ...of, ...of, ...EQUAL, ...SELECT];
  },
  float16: (of) => {
    // Added to x and taken away again, 2^13 times the power of two in x leaves x with 11 bits; 0.5 leaves multiples of 2^-24.
    const size = [...of, ...ABSOLUTE, ...splatBits(TWO_TO_16_BITS), ...simd(0xe8)];
    const power = [...size, ...splatBits(INFINITY_BITS), ...AND];
    const ballast = [...power, ...splatBits(13 << 23), ...ADD_WORDS, ...splatBits(HALF_BITS), ...GREATEST_WORD];
    const rounded = [...size, ...ballast, ...simd(0xe4), ...ballast, ...SUBTRACT];
    const overflow = [...rounded, ...splatBits(TWO_TO_16_BITS), ...AT_LEAST, ...splatBits(INFINITY_BITS), ...AND];
    const sign = [...of, ...splatBits(SIGN_BIT), ...AND, ...rounded, ...splatBits(0), ...NOT_EQUAL, ...AND];
    return [...rounded, ...overflow, ...OR, ...sign, ...OR];
  },
};

function moduleOf(program: Program, names: readonly string[]): Uint8Array {
  const parameters = [I32, ...program.scalars.map(() => F32)];
  const pages = Math.ceil(blockOffset(names.length) / PAGE_BYTES);
  const body = functionOf(program, names);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [0x60, ...unsigned(parameters.length), ...parameters, 1, I32]),
    ...section(3, [0]),
    ...section(5, [0, ...unsigned(pages)]),
    ...section(7, [...text('memory'), 2, 0], [...text('compute'), 0, 0]),
    ...section(10, [...unsigned(body.length), ...body]),
  ]);
}

/**
 * Locals: byte count, scalars, the position in the blocks, what was found of {@link FAULT} and {@link STRANGE}, then
 * one for each term and group.
 */
function functionOf(program: Program, names: readonly string[]): Code {
  const position = 1 + program.scalars.length;
  const [faults, strange] = [position + 1, position + 2];
  const localOf = (term: Term, group: number): number =>
    strange + 1 + GROUPS * program.terms.indexOf(term) + (isFixed(term) ? 0 : group);
  // x - x is 0, and a NaN for an infinite x as for a NaN.
  const note = (x: Code, local: number): Code => [...x, ...x, ...SUBTRACT, ...get(local), ...OR, ...set(local)];
  const before: number[] = [];
  const loop: number[] = [];
  for (const term of program.terms) {
    for (let group = 0; group < (isFixed(term) ? 1 : GROUPS); group++) {
      const operand = (of: Term): Code => get(localOf(of, group));
      const value = codeOf(term, { position, names, scalars: program.scalars, operand, group });
      (isFixed(term) ? before : loop).push(...value, ...set(localOf(term, group)));
    }
  }
  for (let group = 0; group < GROUPS; group++) {
    if (program.finite) loop.push(...note(get(localOf(program.finite, group)), faults));
    for (const { name, term } of program.outputs) {
      const x = get(localOf(term, group));
      loop.push(...get(position), ...x, ...store(placeOf(names, name, group)), ...note(x, strange));
    }
  }
  const step = constantI32(GROUPS * LANE_BYTES);
  const advance = [...get(position), ...step, 0x6a, 0x22, ...unsigned(position), ...get(0), 0x49, 0x0d, 0];
  const found = (local: number, bit: number): Code => [...get(local), ...ANY_TRUE, ...constantI32(bit), 0x6c];
  return [
    ...[2, 1, I32, ...unsigned(2 + GROUPS * program.terms.length), V128],
    ...before,
    ...[0x03, 0x40, ...loop, ...advance, 0x0b],
    ...[...found(faults, FAULT), ...found(strange, STRANGE), 0x72, 0x0b],
  ];
}

/** Whether a term is the same for all elements. */
function isFixed({ kind }: Term): boolean {
  return kind === 'scalar' || kind === 'constant';
}

function placeOf(names: readonly string[], name: string, group: number): number {
  return blockOffset(names.indexOf(name)) + group * LANE_BYTES;
}

interface Places {
  readonly position: number;
  readonly names: readonly string[];
  readonly scalars: readonly string[];
  readonly operand: (of: Term) => Code;
  readonly group: number;
}

function codeOf(term: Term, { position, names, scalars, operand, group }: Places): Code {
  switch (term.kind) {
    case 'vector':
      return [...get(position), ...load(placeOf(names, term.name, group))];
    case 'scalar':
      return [...get(1 + scalars.indexOf(term.name)), ...SPLAT];
    case 'constant':
      return splatBits(new Uint32Array(Float32Array.of(term.value).buffer)[0] ?? 0);
    case 'operation': {
      const [left = [], right = []] = term.operands.map(operand);
      return INSTRUCTIONS[term.operation](left, right);
    }
  }
}

/** A number below 2^13, whose signed LEB128 takes two bytes. */
function constantI32(value: number): Code {
  return [0x41, (value & 0x7f) | 0x80, value >> 7];
}

/** Unsigned LEB128. */
function unsigned(value: number): Code {
  const low = value & 0x7f;
  return value > 0x7f ? [low | 0x80, ...unsigned(value >>> 7)] : [low];
}

function littleEndian(word: number): Code {
  return [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff);
}

function text(value: string): Code {
  return [value.length, ...[...value].map((character) => character.charCodeAt(0))];
}
