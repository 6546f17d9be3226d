/** Arbitrary valid specs as users may write them, for tests. */
import fc from 'fast-check';

/** A spec as a plain object. */
export type WrittenCase = Readonly<Record<string, unknown>>;

/** Last activations that go with a loss. */
const OUTPUTS = {
  mse: ['linear', 'relu', 'sigmoid', 'tanh'],
  binaryCrossEntropy: ['linear', 'sigmoid'],
  sparseCategoricalCrossEntropy: ['linear', 'softmax'],
  categoricalCrossEntropy: ['linear', 'softmax'],
} as const;

const TRICKY = [
  'no',
  '08',
  '1e3',
  'null',
  '~',
  'a: b',
  'a, b',
  '# a',
  '- a',
  'a\nb\n',
  ' a ',
  '*a',
  '<<',
  'constructor',
];
const text = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc.string({ minLength: 1, maxLength: 200, unit: 'binary' }),
  fc.string({ minLength: 1, maxLength: 200 }),
);
// The label takes y, and names of columns start apart from it; no column may be called __proto__.
const columnName = text.filter((name) => name !== '__proto__' && name !== 'y');
const positive = fc.double({ min: Number.MIN_VALUE, max: 1e30, noNaN: true });
const unit = fc.double({ min: 0, max: 0.999, noNaN: true });
const count = (max: number) => fc.integer({ min: 1, max });

const column = fc.oneof(
  fc.record({
    missing: fc.constant('constant'),
    fill: fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true })),
  }),
  fc.record(
    { missing: fc.constantFrom('drop', 'mode'), scale: fc.constant('none'), encode: fc.constant('ordinal') },
    { requiredKeys: [] },
  ),
);

const optimizer = fc.oneof(
  fc.constantFrom('sgd', 'adam', 'adamw', 'rmsprop'),
  fc.record({ type: fc.constant('adamw'), learningRate: positive, weightDecay: unit }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('rmsprop'), rho: unit, centered: fc.boolean() }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('sgd'), momentum: fc.constant(0.9), nesterov: fc.boolean() }),
);

const schedule = fc.oneof(
  fc.record({ type: fc.constant('constant'), warmupSteps: count(100) }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('step'), everySteps: count(100), factor: positive }),
  fc.record({ type: fc.constant('cosine'), decaySteps: count(100), alpha: unit }, { requiredKeys: ['type'] }),
);

const hidden = fc.oneof(
  fc.record({
    dense: fc.record({ units: count(99), kernelRegularizer: fc.record({ l2: unit }) }, { requiredKeys: ['units'] }),
  }),
  fc.record({ dropout: fc.record({ rate: unit }) }),
  fc.constantFrom({ relu: {} }, { relu: null }, { tanh: null }),
);

const train = (loss: string) =>
  fc.record(
    {
      loss: fc.constant(loss),
      optimizer,
      schedule,
      epochs: count(1_000_000),
      batchSize: fc.oneof(fc.constant('full'), fc.integer({ min: 16, max: 999 })),
      clip: fc.record({ value: positive, globalNorm: positive }, { requiredKeys: [] }),
      seed: fc.integer({ min: 0, max: 0xffff_ffff }),
      lanes: count(16),
    },
    { requiredKeys: ['loss'] },
  );

/** Valid specs with names and numbers that are hard to write. */
export const writtenSpecs: fc.Arbitrary<WrittenCase> = fc
  .constantFrom(...(Object.keys(OUTPUTS) as (keyof typeof OUTPUTS)[]))
  .chain((loss) => {
    const output = fc.record({
      units: loss === 'mse' || loss === 'binaryCrossEntropy' ? fc.constant(1) : fc.integer({ min: 2, max: 9 }),
      activation: fc.constantFrom(...OUTPUTS[loss]),
    });
    return fc.record(
      {
        name: text,
        data: fc.record({
          path: fc.constantFrom('d.csv', 'a b/ü: 1.csv', 'no'),
          label: fc.constant('y'),
          nulls: fc.array(fc.oneof(text, fc.constant(''))),
        }),
        split: fc.record({ test: fc.constantFrom(0, 0.25), validation: fc.constantFrom(0, 0.1) }, { requiredKeys: [] }),
        preprocess: fc.record({
          missing: fc.constant('constant'),
          fill: fc.double({ noNaN: true, noDefaultInfinity: true }),
          columns: fc.dictionary(columnName, column, { maxKeys: 5, noNullPrototype: true }),
        }),
        model: fc.tuple(fc.array(hidden, { maxLength: 4 }), output).map(([layers, dense]) => [...layers, { dense }]),
        train: train(loss),
      },
      { requiredKeys: ['data', 'model', 'train'] },
    );
  });
