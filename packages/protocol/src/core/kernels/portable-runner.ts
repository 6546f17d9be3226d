/** A formula in plain JavaScript: one loop over the block for each operation. The bits are those of the SIMD runner. */
import { bfloat16Code, bfloat16Word } from '../gradients/bfloat16.js';
import { float16Code, float16Word } from '../gradients/float16.js';
import type { Operation, Program, Term } from './formula.js';
import { BLOCK_ELEMENTS, type Runner, unifyNans } from './runner.js';

const EXPONENT_BITS = 0x7f800000;

/** Operations on the bits of one operand. */
type WordOperation = 'flush' | 'bfloat16' | 'float16';

const WORDWISE: Readonly<Record<WordOperation, (word: number) => number>> = {
  // 0 where the exponent bits are 0: gradients mix signs and zeros, so a branch costs 3x.
  flush: (word) => word & ~(((word & EXPONENT_BITS) - 1) >> 31),
  bfloat16: (word) => bfloat16Word(bfloat16Code(word)),
  float16: (word) => float16Word(float16Code(word)),
};

/** Storing a float64 result of two float32 operands rounds it to what float32 hardware gives, for all of these. */
const ELEMENTWISE: Readonly<Record<Exclude<Operation, WordOperation>, (left: number, right: number) => number>> = {
  add: (left, right) => left + right,
  subtract: (left, right) => left - right,
  multiply: (left, right) => left * right,
  divide: (left, right) => left / right,
  least: Math.min,
  greatest: Math.max,
  root: (of) => Math.sqrt(of),
  signed: (size, of) => (of > 0 ? size : of < 0 ? -size : 0),
};

/** Makes the runner. */
export function portableRunner(program: Program): Runner {
  const blocks = new Map<Term, Float32Array>(program.terms.map((term) => [term, new Float32Array(BLOCK_ELEMENTS)]));
  const blockOf = (term: Term): Float32Array => blocks.get(term) ?? new Float32Array(BLOCK_ELEMENTS);
  const steps = program.terms.flatMap((term) => {
    const block = blockOf(term);
    if (term.kind === 'constant') block.fill(term.value);
    return term.kind === 'operation' ? [stepOf(term.operation, term.operands.map(blockOf), block)] : [];
  });
  const inputs = program.terms.flatMap((term) =>
    term.kind === 'vector' ? [{ name: term.name, block: blockOf(term) }] : [],
  );
  const scalarBlocks = program.terms.flatMap((term) =>
    term.kind === 'scalar' ? [{ index: program.scalars.indexOf(term.name), block: blockOf(term) }] : [],
  );
  const outputs = program.outputs.map(({ name, term }) => ({ name, block: blockOf(term) }));
  return {
    inputs,
    outputs,
    scalars: program.scalars,
    compute(count, scalars) {
      for (const { index, block } of scalarBlocks) block.fill(scalars[index]!, 0, count);
      for (const step of steps) step(count);
      for (const { block } of outputs) unifyNans(block, count);
      return !program.finite || isFiniteIn(blockOf(program.finite), count);
    },
  };
}

function stepOf(
  operation: Operation,
  operands: readonly Float32Array[],
  result: Float32Array,
): (count: number) => void {
  const [left = result, right = left] = operands;
  if (operation === 'flush' || operation === 'bfloat16' || operation === 'float16') {
    return wordStep(WORDWISE[operation], left, result);
  }
  const compute = ELEMENTWISE[operation];
  return (count) => {
    for (let index = 0; index < count; index++) result[index] = compute(left[index]!, right[index]!);
  };
}

function wordStep(compute: (word: number) => number, from: Float32Array, into: Float32Array): (count: number) => void {
  const [source, target] = [new Int32Array(from.buffer), new Int32Array(into.buffer)];
  return (count) => {
    for (let index = 0; index < count; index++) target[index] = compute(source[index]!);
  };
}

function isFiniteIn(values: Float32Array, count: number): boolean {
  for (let index = 0; index < count; index++) if (!Number.isFinite(values[index])) return false;
  return true;
}
