/** Holds the kernels of an update to plain loops: every optimizer, penalty and clip, the same bits. */
import { readFileSync } from 'node:fs';
import {
  atOnce,
  GRADIENT_FORMATS,
  type GradientFormat,
  layoutParameters,
  PIECE_ELEMENTS,
} from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import type { ClipOptions } from './clip.js';
import { createOptimizer } from './optimizers/table.js';
import { plainUpdate } from './testing/plain-update.js';
import { update, updateRule } from './update.js';

const { optimizers } = JSON.parse(
  readFileSync(new URL('./optimizers/testing/keras-reference.json', import.meta.url), 'utf8'),
) as { optimizers: readonly { name: string; spec: OptimizerSpec }[] };

const CLIPS: readonly ClipOptions[] = [{}, { value: 0.5 }, { globalNorm: 3 }, { value: 2 ** 60, globalNorm: 1e9 }];

function randomWord(seed: number, index: number): number {
  let word = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
}

/** Finite numbers of every size up to 2^39, every fourth near 1; subnormals and zeros of both signs among them. */
function numbers(length: number, seed: number): Float32Array {
  const words = Int32Array.from({ length }, (_, index) => {
    const word = randomWord(seed, index);
    if (index % 16 === 7) return word & 0x807fffff;
    if (index % 16 === 9) return word & 0x80000000;
    if (index % 4 === 0) return (word & 0x80ffffff) | 0x3f000000;
    return (word & 0x807fffff) | ((((word >>> 23) & 0xff) % 166) << 23);
  });
  return new Float32Array(words.buffer);
}

function bits(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function firstDifference(actual: Float32Array, expected: Float32Array): string | null {
  if (bits(actual).equals(bits(expected))) return null;
  const index = actual.findIndex((value, at) => !Object.is(value, expected[at]));
  return `element ${index} is ${actual[index]}, not ${expected[index]}`;
}

/** Some steps both ways. @returns what differs */
function differences(
  spec: OptimizerSpec,
  clip: ClipOptions,
  operandCount: number,
  rows: number,
  format: GradientFormat = GRADIENT_FORMATS.float32,
): string[] {
  const layout = layoutParameters([
    { name: 'a/kernel', shape: [rows, 3], trainable: true },
    { name: 'a/bias', shape: [5], trainable: true },
    { name: 'b/kernel', shape: [2, rows], trainable: true },
  ]);
  const [first, , last] = layout.tensors;
  const terms = [
    { tensor: first!, l1: 0.25, l2: 0.01 },
    { tensor: last!, l1: 0, l2: 0.125 },
    { tensor: last!, l1: 1e-38, l2: 0 },
  ];
  const optimizer = createOptimizer(spec, layout.elementCount);
  const regularizers = terms.map(({ tensor, ...term }) => ({ tensor: tensor.name, ...term }));
  const rule = updateRule({ layout, regularizers, clip, optimizer, format });
  const penalties = terms.map(({ tensor: { start, length }, ...term }) => ({ start, end: start + length, ...term }));
  const state = structuredClone(optimizer.state());
  let parameters = numbers(layout.elementCount, 1);
  const found: string[] = [];
  // Below 2^14, so that nothing overflows.
  const scale = format.name === 'float16' ? 2 ** -25 : 1;
  for (let step = 0; step < 3; step++) {
    const gradients = Array.from({ length: operandCount }, (_, index) =>
      numbers(layout.elementCount, 10 * step + index + 2).map((value) => value * scale),
    );
    const input = { parameters, gradients, denominator: step === 1 ? 0.25 : 7, learningRate: step * 0.01 };
    const expected = plainUpdate(spec, { ...input, format: format.name, penalties, clip, state, t: step + 1 });
    const next = new Float32Array(layout.elementCount);
    atOnce(update(rule, { ...input, step, next }));
    const after = optimizer.state();
    for (const [name, actual, wanted] of [
      ['next', next, expected] as const,
      ...Object.entries(after.vectors).map(([key, value]) => [key, value, state.vectors[key]!] as const),
    ]) {
      const difference = firstDifference(actual, wanted);
      if (difference) found.push(`step ${step}, ${name}: ${difference}`);
    }
    parameters = next;
  }
  return found;
}

describe('the kernels of an update', () => {
  it.each(optimizers)('give $name the bits of plain loops', ({ spec }) => {
    for (const clip of CLIPS) {
      for (const operandCount of [1, 2]) {
        for (const rows of [1, 7, 64, 5001]) {
          const where = `${JSON.stringify(clip)}, ${operandCount} operands, ${rows} rows`;
          expect(differences(spec, clip, operandCount, rows), where).toEqual([]);
        }
      }
    }
  });

  it.each([GRADIENT_FORMATS.bfloat16, GRADIENT_FORMATS.float16])(
    'round operands to $name as plain loops do',
    (format) => {
      const { spec } = optimizers.find(({ name }) => name === 'adam')!;
      for (const clip of CLIPS.slice(0, 3)) {
        for (const operandCount of [1, 2]) expect(differences(spec, clip, operandCount, 64, format)).toEqual([]);
      }
    },
  );

  it('give a vector of several pieces the bits of plain loops, with its norm', () => {
    const { spec } = optimizers.find(({ name }) => name === 'adam')!;
    expect(differences(spec, { globalNorm: 1 }, 2, Math.ceil((2 * PIECE_ELEMENTS) / 5) + 1)).toEqual([]);
  });
});
