/** Gradient clipping by value and by global norm. Pure. */
import { cut, multiply, scalar, type Term } from '@lockstep/protocol/core';

/** How a gradient is clipped; both may be set, value goes first. */
export interface ClipOptions {
  readonly value?: number | undefined;
  readonly globalNorm?: number | undefined;
}

/** Elements whose squares are summed in one run; part of the result's bits. A piece holds whole blocks. */
export const NORM_BLOCK_ELEMENTS = 4096;

/** Cuts a gradient to the value on both sides. */
export function cutToValue(gradient: Term, { value }: ClipOptions): Term {
  return value === undefined ? gradient : cut(gradient, value);
}

/** Multiplies a gradient by the scalar `shrink`, which is 1 where its norm is small enough. */
export function shrunkToNorm(gradient: Term, { globalNorm }: ClipOptions): Term {
  return globalNorm === undefined ? gradient : multiply(gradient, scalar('shrink'));
}

/** What a gradient of this norm is multiplied by. */
export function shrinkOf(norm: number, globalNorm: number): number {
  return norm > globalNorm ? globalNorm / norm : 1;
}

/** Writes the sum of squares of each block of a vector, in float64. */
export function sumSquares(gradient: Float32Array, sums: Float64Array): void {
  for (let block = 0; block * NORM_BLOCK_ELEMENTS < gradient.length; block++) {
    const start = block * NORM_BLOCK_ELEMENTS;
    const end = Math.min(gradient.length, start + NORM_BLOCK_ELEMENTS);
    let sum = 0;
    for (let index = start; index < end; index++) sum += gradient[index]! * gradient[index]!;
    sums[block] = sum;
  }
}

/** Euclidean norm of a vector with these sums of squares, which are added in a fixed tree. */
export function normOf(sums: Float64Array): number {
  return Math.sqrt(sumTree(sums, 0, sums.length));
}

function sumTree(sums: Float64Array, first: number, end: number): number {
  if (end - first <= 1) return sums[first] ?? 0;
  const split = first + 2 ** Math.floor(Math.log2(end - first - 1));
  return sumTree(sums, first, split) + sumTree(sums, split, end);
}
