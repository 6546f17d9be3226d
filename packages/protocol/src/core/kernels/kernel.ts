/** Runs a formula over vectors: by SIMD instructions where the processor has them, else portably, to the same bits. */
import { type Formula, type Program, programOf } from './formula.js';
import { portableRunner } from './portable-runner.js';
import { BLOCK_ELEMENTS, type Runner } from './runner.js';
import { simdRunner } from './simd-runner.js';

/** A compiled formula. */
export interface Kernel {
  /**
   * Computes elements `start` to `end` - 1, reading and writing each vector once.
   * @param vectors by the names of the formula
   * @param scalars by the names of the formula, rounded to float32
   * @returns whether the formula's `finite` is finite everywhere
   */
  run(
    vectors: Readonly<Record<string, Float32Array>>,
    scalars: Readonly<Record<string, number>>,
    start: number,
    end: number,
  ): boolean;
}

/** A formula's kernel; the first run compiles it, in less than a millisecond. */
export function createKernel(formula: Formula): Kernel {
  return kernelOf(formula, (program) => simdRunner(program) ?? portableRunner(program));
}

/** {@link createKernel} without SIMD instructions. */
export function createPortableKernel(formula: Formula): Kernel {
  return kernelOf(formula, portableRunner);
}

/**
 * Copies blocks that fit the processor's cache in and out, so that vectors may lie in any memory of any size and each
 * is still read from it once.
 */
function kernelOf(formula: Formula, compile: (program: Program) => Runner): Kernel {
  const runners = new Map<boolean, Runner>();
  const runnerFor = (areScalarsSmall: boolean): Runner => {
    const known = runners.get(areScalarsSmall);
    if (known) return known;
    const runner = compile(programOf(formula, areScalarsSmall));
    runners.set(areScalarsSmall, runner);
    return runner;
  };
  return {
    run(vectors, values, start, end) {
      const areScalarsSmall = Object.values(values).every((value) => Math.abs(value) <= 1);
      const { inputs, outputs, scalars, compute } = runnerFor(areScalarsSmall);
      const numbers = scalars.map((name) => Math.fround(values[name] ?? missing(name)));
      const sources = inputs.map(({ name, block }) => ({ block, vector: vectors[name] ?? missing(name) }));
      const targets = outputs.map(({ name, block }) => ({ block, vector: vectors[name] ?? missing(name) }));
      let allFinite = true;
      for (let first = start; first < end; first += BLOCK_ELEMENTS) {
        const last = Math.min(end, first + BLOCK_ELEMENTS);
        for (const { block, vector } of sources) block.set(vector.subarray(first, last));
        allFinite = compute(last - first, numbers) && allFinite;
        for (const { block, vector } of targets) vector.set(block.subarray(0, last - first), first);
      }
      return allFinite;
    },
  };
}

function missing(name: string): never {
  throw new Error(`the formula reads or writes ${name}, which is not given`);
}
