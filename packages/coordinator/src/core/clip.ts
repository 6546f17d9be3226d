/** Gradient clipping by value and by global norm. */
import { normal } from './rounding.js';

/** How a gradient is clipped; both may be set, value goes first. */
export interface ClipOptions {
  readonly value?: number | undefined;
  readonly globalNorm?: number | undefined;
}

/** Elements whose squares are summed in one run; part of the result's bits. */
const BLOCK_ELEMENTS = 4096;

/** Clips a flat gradient in place. */
export function clipGradient(gradient: Float32Array, { value, globalNorm }: ClipOptions): void {
  if (value !== undefined) {
    const limit = Math.fround(value);
    for (let index = 0; index < gradient.length; index++) {
      const element = gradient[index]!;
      if (element > limit) gradient[index] = limit;
      else if (element < -limit) gradient[index] = -limit;
    }
  }
  if (globalNorm !== undefined) {
    const norm = globalNormOf(gradient);
    if (norm > globalNorm) {
      const factor = Math.fround(globalNorm / norm);
      for (let index = 0; index < gradient.length; index++) gradient[index] = normal(gradient[index]! * factor);
    }
  }
}

/** Euclidean norm in float64: sums over fixed blocks, added in a fixed tree. */
export function globalNormOf(gradient: Float32Array): number {
  const sums: number[] = [];
  for (let start = 0; start < gradient.length; start += BLOCK_ELEMENTS) {
    const end = Math.min(gradient.length, start + BLOCK_ELEMENTS);
    let sum = 0;
    for (let index = start; index < end; index++) sum += gradient[index]! * gradient[index]!;
    sums.push(sum);
  }
  return Math.sqrt(sumTree(sums, 0, sums.length));
}

function sumTree(sums: readonly number[], first: number, end: number): number {
  if (end - first <= 1) return sums[first] ?? 0;
  const split = first + 2 ** Math.floor(Math.log2(end - first - 1));
  return sumTree(sums, first, split) + sumTree(sums, split, end);
}
