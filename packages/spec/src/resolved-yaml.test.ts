import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJobSpec } from './parse.js';
import { resolveSpec } from './resolve.js';
import { resolvedSpecYaml } from './resolved-yaml.js';
import { jobSpecSchema, type WrittenJobSpec } from './schema.js';

/** Any text that a file in UTF-8 can hold. */
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((value) => value !== '__proto__');
const tricky = fc.constantFrom(
  'no',
  '08',
  '1e3',
  '~',
  'null',
  'true',
  '- a',
  'a: b',
  ' a',
  '#',
  '',
  'a\nb',
  '"',
  "'",
  '0x1F',
  '.inf',
  '&a',
  '*a',
  '!x',
  '%',
  '\t',
);
const name = fc.oneof(
  text,
  tricky.filter((value) => value !== ''),
);
const positive = fc.double({ min: 1e-12, max: 1e6, noNaN: true });
const fraction = fc.double({ min: 0, max: 0.49, noNaN: true });
const count = fc.integer({ min: 1, max: 1000 });
const optional = { requiredKeys: [] as [] };

const optimizer = fc.oneof(
  fc.constantFrom('sgd' as const, 'adam' as const, 'adamw' as const, 'rmsprop' as const),
  fc.record({
    type: fc.constant('sgd' as const),
    learningRate: positive,
    momentum: fc.constant(0.9),
    nesterov: fc.boolean(),
  }),
  fc.record({ type: fc.constant('adam' as const), learningRate: positive, beta1: fraction, epsilon: positive }),
  fc.record({ type: fc.constant('adamw' as const), weightDecay: fraction }),
  fc.record({ type: fc.constant('rmsprop' as const), rho: fraction, centered: fc.boolean() }),
);
const schedule = fc.oneof(
  fc.record({ type: fc.constant('step' as const), everySteps: count, factor: positive }),
  fc.record({ type: fc.constant('exponential' as const), decaySteps: count, decayRate: positive, warmupSteps: count }),
  fc.record({ type: fc.constant('cosine' as const), alpha: fraction }),
);
const dense = fc.record({
  dense: fc.record({
    units: count,
    activation: fc.constantFrom('linear' as const, 'relu' as const, 'tanh' as const),
    useBias: fc.boolean(),
    kernelRegularizer: fc.record({ l1: fraction, l2: fraction }),
  }),
});
const layer = fc.oneof(
  dense,
  fc.record({ dropout: fc.record({ rate: fraction }) }),
  fc.constantFrom({ relu: null }, { tanh: {} }),
);

const spec: fc.Arbitrary<WrittenJobSpec> = fc.record({
  name: name,
  data: fc.record({
    path: fc.constantFrom('data.csv', 'no', '08', 'a b.csv', "it's.csv"),
    label: name.map((value) => `label ${value}`),
    ignore: fc.array(name, { maxLength: 3 }),
    types: fc.dictionary(name, fc.constantFrom('number' as const, 'text' as const), { maxKeys: 4 }),
    nulls: fc.array(fc.oneof(text, tricky), { maxLength: 4 }),
  }),
  split: fc.record({ test: fraction, validation: fraction, seed: fc.nat() }, optional),
  preprocess: fc.record(
    { scale: fc.constantFrom('standard' as const, 'minMax' as const), maxCategories: count },
    optional,
  ),
  model: fc.array(layer, { maxLength: 4 }).map((layers) => [...layers, { dense: { units: 1 } }]),
  train: fc.record(
    {
      loss: fc.constantFrom('mse' as const, 'binaryCrossEntropy' as const),
      optimizer,
      schedule,
      epochs: count,
      batchSize: fc.oneof(count, fc.constant('full' as const)),
      clip: fc.record({ value: positive, globalNorm: positive }, optional),
      seed: fc.nat(),
    },
    { requiredKeys: ['loss'] },
  ),
  run: fc.record({ workers: count, device: fc.constantFrom('auto' as const, 'cpu' as const) }, optional),
}) as fc.Arbitrary<WrittenJobSpec>;

describe('the resolved spec', () => {
  it('parses back to the same resolved spec', () => {
    fc.assert(
      fc.property(spec, (written) => {
        const resolved = resolveSpec(jobSpecSchema.parse(written));
        const again = parseJobSpec(resolvedSpecYaml(resolved));
        expect(again.problems).toEqual([]);
        expect(again.spec).toEqual(resolved);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['breast-cancer', 'diabetes', 'digits', 'wine'])(
    'of the example %s parses back, and is text that stays',
    (example) => {
      const { spec: first, problems } = parseJobSpec(
        readFileSync(new URL(`../../../examples/${example}/job.yaml`, import.meta.url), 'utf8'),
      );
      expect(problems).toEqual([]);
      const yaml = resolvedSpecYaml(first!);
      const again = parseJobSpec(yaml).spec;
      expect(again).toEqual(first);
      expect(resolvedSpecYaml(again!)).toBe(yaml);
    },
  );
});
