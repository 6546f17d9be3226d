/** Holds every optimizer to 20 steps of Keras 3, stored by test/reference/optimizers.py. */
import { readFileSync } from 'node:fs';
import { atOnce, GRADIENT_FORMATS, PIECE_ELEMENTS } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { update, updateRule } from '../update.js';
import type { Optimizer } from './optimizer.js';
import { createOptimizer } from './table.js';

interface Reference {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly optimizers: readonly {
    readonly name: string;
    readonly spec: OptimizerSpec;
    readonly parameters: readonly (readonly number[])[];
  }[];
}

const reference = JSON.parse(
  readFileSync(new URL('./testing/keras-reference.json', import.meta.url), 'utf8'),
) as Reference;
const RELATIVE_TOLERANCE = 1e-6;

/** A step along a mean gradient, without penalty and clipping. */
function stepOf(
  optimizer: Optimizer,
  parameters: Float32Array,
  gradient: Float32Array,
  next: Float32Array,
  learningRate: number,
): Generator<void, void> {
  const layout = { tensors: [], elementCount: parameters.length };
  const rule = updateRule({ layout, regularizers: [], clip: {}, optimizer, format: GRADIENT_FORMATS.float32 });
  return update(rule, { parameters, gradients: [gradient], denominator: 1, learningRate, step: 0, next });
}

function run(spec: OptimizerSpec, steps: number): Float32Array[] {
  const optimizer = createOptimizer(spec, reference.start.length);
  let parameters = Float32Array.from(reference.start);
  return reference.gradients.slice(0, steps).map((gradient) => {
    const next = new Float32Array(parameters.length);
    atOnce(stepOf(optimizer, parameters, Float32Array.from(gradient), next, spec.learningRate));
    parameters = next;
    return next;
  });
}

describe('optimizers', () => {
  it.each(reference.optimizers)('$name follows Keras for 20 steps', ({ spec, parameters }) => {
    expect(parameters).toHaveLength(20);
    run(spec, 20).forEach((actual, step) => {
      actual.forEach((value, index) => {
        const expected = parameters[step]![index]!;
        const error = Math.abs(value - expected) / Math.max(Math.abs(expected), 0.1);
        expect(error, `element ${index} after step ${step}: ${value}, not ${expected}`).toBeLessThan(
          RELATIVE_TOLERANCE,
        );
      });
    });
  });

  it('each case of the reference ends elsewhere, so that no setting goes unused', () => {
    const ends = reference.optimizers.map(({ parameters }) => parameters.at(-1)!.join());
    expect(new Set(ends).size).toBe(8);
  });

  it.each(reference.optimizers)('$name goes on from a saved state with the same bits', ({ spec }) => {
    const straight = run(spec, 20);
    const first = createOptimizer(spec, reference.start.length);
    let parameters = Float32Array.from(reference.start);
    const advance = (optimizer: typeof first, step: number): void => {
      const next = new Float32Array(parameters.length);
      atOnce(stepOf(optimizer, parameters, Float32Array.from(reference.gradients[step]!), next, spec.learningRate));
      parameters = next;
    };
    for (let step = 0; step < 9; step++) advance(first, step);
    const second = createOptimizer(spec, reference.start.length);
    atOnce(second.restore(structuredClone(first.state())));
    for (let step = 9; step < 20; step++) advance(second, step);
    expect([...parameters]).toEqual([...straight[19]!]);
  });

  it.each(reference.optimizers)('$name leaves the old version as it is', ({ spec }) => {
    const parameters = Float32Array.from(reference.start);
    const next = new Float32Array(parameters.length);
    const gradient = new Float32Array(parameters.length).fill(1);
    atOnce(stepOf(createOptimizer(spec, parameters.length), parameters, gradient, next, 0.01));
    expect([...parameters]).toEqual(reference.start);
    expect(next.every((value, index) => value < parameters[index]!)).toBe(true);
  });

  it.each(reference.optimizers)('$name gives a long vector the bits of its parts, in pieces', ({ spec }) => {
    const length = PIECE_ELEMENTS + 3;
    const values = (seed: number): Float32Array =>
      Float32Array.from({ length }, (_, index) => ((index * seed) % 1009) - 500);
    const [parameters, whole] = [values(1), createOptimizer(spec, length)];
    const next = new Float32Array(length);
    for (const seed of [2, 3]) {
      const pieces = stepOf(whole, parameters, values(seed), next, spec.learningRate);
      expect([...pieces].length).toBeGreaterThan(0);
    }
    for (let start = 0; start < length; start += PIECE_ELEMENTS) {
      const end = Math.min(length, start + PIECE_ELEMENTS);
      const part = createOptimizer(spec, end - start);
      const expected = new Float32Array(end - start);
      for (const seed of [2, 3]) {
        const gradient = values(seed).subarray(start, end);
        atOnce(stepOf(part, parameters.subarray(start, end), gradient, expected, spec.learningRate));
      }
      expect(Buffer.from(next.slice(start, end).buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
  });

  it('refuses a saved state of another length', () => {
    const spec = reference.optimizers.find(({ name }) => name === 'adam')!.spec;
    const saved = createOptimizer(spec, 3).state();
    expect(() => atOnce(createOptimizer(spec, 4).restore(saved))).toThrow('no fitting mean');
  });
});
