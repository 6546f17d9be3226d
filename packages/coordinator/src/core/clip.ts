/** Gradient clipping by value and by global norm. */
import { inPieces } from '@lockstep/protocol/core';
import { normal } from './rounding.js';

/** How a gradient is clipped; both may be set, value goes first. */
export interface ClipOptions {
  readonly value?: number | undefined;
  readonly globalNorm?: number | undefined;
}

/** Elements whose squares are summed in one run; part of the result's bits. A piece holds whole blocks. */
const BLOCK_ELEMENTS = 4096;

/** Clips a flat gradient in place, in pieces. */
export function* clipGradient(gradient: Float32Array, { value, globalNorm }: ClipOptions): Generator<void, void> {
  if (value !== undefined) {
    const limit = Math.fround(value);
    yield* inPieces(gradient.length, (start, end) => {
      for (let index = start; index < end; index++) {
        const element = gradient[index]!;
        if (element > limit) gradient[index] = limit;
        else if (element < -limit) gradient[index] = -limit;
      }
    });
  }
  if (globalNorm !== undefined) {
    const norm = yield* globalNormOf(gradient);
    if (norm > globalNorm) yield* scale(gradient, Math.fround(globalNorm / norm));
  }
}

/** Multiplies every element, in pieces. */
export function scale(values: Float32Array, factor: number): Generator<void, void> {
  return inPieces(values.length, (start, end) => {
    for (let index = start; index < end; index++) values[index] = normal(values[index]! * factor);
  });
}

/** Euclidean norm in float64: sums over fixed blocks, added in a fixed tree. */
export function* globalNormOf(gradient: Float32Array): Generator<void, number> {
  const sums: number[] = [];
  yield* inPieces(gradient.length, (first, last) => {
    for (let start = first; start < last; start += BLOCK_ELEMENTS) {
      const end = Math.min(last, start + BLOCK_ELEMENTS);
      let sum = 0;
      for (let index = start; index < end; index++) sum += gradient[index]! * gradient[index]!;
      sums.push(sum);
    }
  });
  return Math.sqrt(sumTree(sums, 0, sums.length));
}

function sumTree(sums: readonly number[], first: number, end: number): number {
  if (end - first <= 1) return sums[first] ?? 0;
  const split = first + 2 ** Math.floor(Math.log2(end - first - 1));
  return sumTree(sums, first, split) + sumTree(sums, split, end);
}
