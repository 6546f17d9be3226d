/** Holds every optimizer to 20 steps of Keras 3, stored by test/reference/optimizers.py. */
import { readFileSync } from 'node:fs';
import type { OptimizerSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
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

function run(spec: OptimizerSpec, steps: number): Float32Array[] {
  const optimizer = createOptimizer(spec, reference.start.length);
  let parameters = Float32Array.from(reference.start);
  return reference.gradients.slice(0, steps).map((gradient) => {
    const next = new Float32Array(parameters.length);
    optimizer.step(parameters, Float32Array.from(gradient), next, spec.learningRate);
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
      optimizer.step(parameters, Float32Array.from(reference.gradients[step]!), next, spec.learningRate);
      parameters = next;
    };
    for (let step = 0; step < 9; step++) advance(first, step);
    const second = createOptimizer(spec, reference.start.length);
    second.restore(structuredClone(first.state()));
    for (let step = 9; step < 20; step++) advance(second, step);
    expect([...parameters]).toEqual([...straight[19]!]);
  });

  it.each(reference.optimizers)('$name leaves the old version as it is', ({ spec }) => {
    const parameters = Float32Array.from(reference.start);
    const next = new Float32Array(parameters.length);
    createOptimizer(spec, parameters.length).step(parameters, new Float32Array(parameters.length).fill(1), next, 0.01);
    expect([...parameters]).toEqual(reference.start);
    expect(next.every((value, index) => value < parameters[index]!)).toBe(true);
  });

  it('refuses a saved state of another length', () => {
    const spec = reference.optimizers.find(({ name }) => name === 'adam')!.spec;
    const saved = createOptimizer(spec, 3).state();
    expect(() => createOptimizer(spec, 4).restore(saved)).toThrow('no fitting mean');
  });
});
