/** Gradient clipping by value and by global norm. Pure. */
import { cut, multiply, scalar, type Term } from '@lockstep/protocol/core';

/** How a gradient is clipped; both may be set, value goes first. */
export interface ClipOptions {
  readonly value?: number | undefined;
  readonly globalNorm?: number | undefined;
}

/** Elements whose squares are summed in one run; part of the result's bits. A piece holds whole blocks. */
const BLOCK_ELEMENTS = 4096;

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

/** Euclidean norm in float64 of a vector that is given part after part: sums over fixed blocks, added in a fixed tree. */
export class GlobalNorm {
  readonly #sums: number[] = [];

  /** Takes the next part, whole blocks but for the last. */
  take(gradient: Float32Array): void {
    for (let start = 0; start < gradient.length; start += BLOCK_ELEMENTS) {
      const end = Math.min(gradient.length, start + BLOCK_ELEMENTS);
      let sum = 0;
      for (let index = start; index < end; index++) sum += gradient[index]! * gradient[index]!;
      this.#sums.push(sum);
    }
  }

  get value(): number {
    return Math.sqrt(sumTree(this.#sums, 0, this.#sums.length));
  }
}

function sumTree(sums: readonly number[], first: number, end: number): number {
  if (end - first <= 1) return sums[first] ?? 0;
  const split = first + 2 ** Math.floor(Math.log2(end - first - 1));
  return sumTree(sums, first, split) + sumTree(sums, split, end);
}
