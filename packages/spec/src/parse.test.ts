import { describe, expect, it } from 'vitest';
import { parseJobSpec } from './parse.js';

const GOOD = `name: no
data: {path: data.csv, label: y}
model:
  - dense: {units: 1, activation: sigmoid}
train: {loss: binaryCrossEntropy, optimizer: {type: adam, learningRate: 1e-3}, epochs: 08, batchSize: 2}
`;

/** "line:column path code" of every problem. */
function found(text: string, overrides: Record<string, string> = {}): string[] {
  return parseJobSpec(text, { overrides }).problems.map(
    ({ line, column, path, code }) => `${line ?? '-'}:${column ?? '-'} ${path} ${code}`,
  );
}

/** The problem at a path, as one text. */
function said(text: string, path: string, overrides: Record<string, string> = {}): string {
  const problem = parseJobSpec(text, { overrides }).problems.find((candidate) => candidate.path === path);
  return problem ? `${problem.message} | ${problem.suggestion}` : 'nothing';
}

describe('a good spec', () => {
  it('is read by YAML 1.2 and filled in', () => {
    const { spec, problems } = parseJobSpec(GOOD);
    expect(problems).toEqual([]);
    expect(spec).toMatchObject({
      name: 'no',
      task: 'binary',
      split: { test: 0.2, seed: 42, stratify: true },
      preprocess: { missing: 'mean', scale: 'standard' },
      model: [{ type: 'dense', units: 1, activation: 'sigmoid', useBias: true }],
      train: { epochs: 8, lanes: 2, optimizer: { type: 'adam', learningRate: 0.001, beta1: 0.9 } },
      run: { workers: 2 },
    });
  });

  it('resolves batches that are added up to one batch with more lanes, which no longer says so', () => {
    const spec = (set: Record<string, string>): unknown => parseJobSpec(GOOD, { overrides: set }).spec;
    const larger = spec({ 'train.batchSize': '48', 'train.lanes': '12' });
    expect(larger).toMatchObject({ train: { batchSize: 48, lanes: 12, accumulate: 1 } });
    expect(spec({ 'train.batchSize': '16', 'train.lanes': '4', 'train.accumulate': '3' })).toEqual(larger);
  });

  it('has four lanes unless its batch is smaller, whatever the workers', () => {
    const lanes = (set: Record<string, string>): number | undefined =>
      parseJobSpec(GOOD, { overrides: set }).spec?.train.lanes;
    expect(lanes({ 'train.batchSize': '3' })).toBe(3);
    expect(lanes({ 'train.batchSize': '64', 'run.workers': '16' })).toBe(4);
    expect(lanes({ 'train.batchSize': 'full' })).toBe(4);
    expect(lanes({ 'train.batchSize': '64', 'train.lanes': '16' })).toBe(16);
  });

  it('stratifies classes but not numbers', () => {
    const regression = GOOD.replace('sigmoid', 'linear').replace('binaryCrossEntropy', 'mse');
    expect(parseJobSpec(regression).spec).toMatchObject({ task: 'regression', split: { stratify: false } });
  });

  it('gives an optimizer that is a name its defaults', () => {
    const { spec } = parseJobSpec(GOOD, { overrides: { 'train.optimizer': 'sgd' } });
    expect(spec?.train.optimizer).toEqual({ type: 'sgd', learningRate: 0.01, momentum: 0, nesterov: false });
  });

  it('may name columns like things every object has', () => {
    const { spec, problems } = parseJobSpec(
      `${GOOD}preprocess: {columns: {constructor: {scale: none}, toString: {}}}\n`,
    );
    expect(problems).toEqual([]);
    expect(Object.keys(spec?.preprocess.columns ?? {})).toEqual(['constructor', 'toString']);
  });
});

describe('a bad spec', () => {
  it('is refused with all its problems, each with its place', () => {
    const bad = `name: bad
data: {path: data.csv, format: csv, label: y}
model:
  - dense: {units: 1, activation: sigmoid}
train:
  loss: bce2
  optimizer: {type: adam, learningRte: 1e-3}
  epochs: -3
  batchSize: 2.5
  seed: 1
  seed: 2
`;
    expect(found(bad)).toEqual([
      '6:9 train.loss SPEC_VALUE',
      '7:27 train.optimizer.learningRte SPEC_UNKNOWN_KEY',
      '8:11 train.epochs SPEC_VALUE',
      '9:14 train.batchSize SPEC_VALUE',
      '11:3 train.seed SPEC_DUPLICATE_KEY',
    ]);
    expect(said(bad, 'train.loss')).toMatch(/mse, binaryCrossEntropy, categoricalCrossEntropy/);
    expect(said(bad, 'train.optimizer.learningRte')).toMatch(/Did you mean learningRate\?/);
    expect(said(bad, 'train.epochs')).toMatch(/a whole number from 1/);
    expect(said(bad, 'train.batchSize')).toMatch(/a whole number from 1 to 10000000 or full/);
  });

  it('names required keys that are absent, at what they belong to', () => {
    expect(found('data: {path: a.csv}\nmodel: []\ntrain:\n  epochs: 3\n')).toEqual([
      '1:1 data.label SPEC_MISSING_KEY',
      '2:8 model SPEC_VALUE',
      '3:1 train.loss SPEC_MISSING_KEY',
    ]);
    expect(found('name: x\n')).toEqual([
      '-:- data SPEC_MISSING_KEY',
      '-:- model SPEC_MISSING_KEY',
      '-:- train SPEC_MISSING_KEY',
    ]);
  });

  it.each(['', '# nothing\n', '- a\n', 'text', '3', '[]', 'null'])('that is no map is refused: %j', (text) => {
    expect(found(text)).toEqual(['1:1  SPEC_SYNTAX']);
  });

  it('is refused with a bounded list of problems', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(parseJobSpec(many).problems).toHaveLength(100);
  });

  it('with a layer of another library says what works instead', () => {
    const text = GOOD.replace(
      'model:\n',
      'model:\n  - conv2d: {filters: 8}\n  - batch_norm: {}\n  - LSTM: {units: 3}\n',
    );
    expect(found(text)).toEqual([
      '4:5 model[0].conv2d SPEC_NOT_YET',
      '5:5 model[1].batch_norm SPEC_NOT_YET',
      '6:5 model[2].LSTM SPEC_NOT_YET',
    ]);
    expect(said(text, 'model[0].conv2d')).toMatch(/dense, dropout, relu/);
  });

  it('with gradients in fp8 or words of other tools says what works instead', () => {
    const found = (name: string) => parseJobSpec(GOOD, { overrides: { 'train.gradients': name } }).problems;
    expect(found('fp8')).toMatchObject([{ code: 'SPEC_NOT_YET', path: 'train.gradients' }]);
    expect(found('fp8')[0]?.suggestion).toContain('bfloat16');
    expect(found('bf16')[0]?.suggestion).toContain('Did you mean bfloat16?');
  });

  it('takes gradients by their name or with settings, and writes the shortest form that says all', () => {
    const resolved = (gradients: string) =>
      parseJobSpec(GOOD, { overrides: { 'train.gradients': gradients } }).spec?.train.gradients;
    expect(resolved('int8')).toBe('int8');
    expect(resolved('{type: int8}')).toBe('int8');
    expect(resolved('topK')).toEqual({ type: 'topK', fraction: 0.01 });
    expect(resolved('{type: topK, fraction: 0.05}')).toEqual({ type: 'topK', fraction: 0.05 });
    const { problems } = parseJobSpec(GOOD, { overrides: { 'train.gradients': '{type: topK, fraction: 0.2}' } });
    expect(problems).toMatchObject([{ path: 'train.gradients.fraction', code: 'SPEC_VALUE' }]);
  });

  it('with a mistyped, misplaced or misshapen layer says how to write it', () => {
    const layer = (written: string): string => said(GOOD.replace('model:\n', `model:\n  - ${written}\n`), 'model[0]');
    expect(said(GOOD.replace('- dense', '- dens'), 'model[0].dens')).toMatch(/Did you mean dense\?/);
    expect(layer('relu')).toMatch(/Write "- relu: \{\}"/);
    expect(layer('{type: dense, units: 3}')).toMatch(/instead of "- type: dense"/);
    expect(layer('{dense: , units: 3}')).toMatch(/Indent the settings below dense/);
    expect(layer('3')).toMatch(/one key, the name of a layer/);
    expect(said(GOOD.replace('units: 1', 'units: 0'), 'model[0].dense.units')).toMatch(/from 1 to 1000000/);
    expect(said(GOOD.replace('sigmoid', 'gelu'), 'model[0].dense.activation')).toMatch(/not there yet/);
    expect(said(GOOD.replace('units', 'unit'), 'model[0].dense.unit')).toMatch(/Did you mean units\?/);
  });

  it('with names of object internals is refused without an exception', () => {
    const text = `${GOOD}constructor: 1\nhasOwnProperty: 2\n`
      .replace('model:\n', 'model:\n  - constructor: {}\n  - toString\n')
      .replace('type: adam', 'type: valueOf');
    expect(found(text).map((line) => line.split(' ')[1])).toEqual([
      'model[0].constructor',
      'model[1]',
      'train.optimizer.type',
      'constructor',
      'hasOwnProperty',
    ]);
  });

  it.each([
    ['optimizer: adm', 'train.optimizer', /Did you mean adam\?/],
    ['optimizer: nadam', 'train.optimizer', /not there yet.*sgd, adam, adamw or rmsprop/],
    ['optimizer: {learningRate: 1}', 'train.optimizer.type', /required/],
    ['optimizer: {adam: {learningRate: 1}}', 'train.optimizer', /Write \{ type: adam/],
    ['optimizer: {type: adam, momentum: 0.9}', 'train.optimizer.momentum', /Known here: .*beta1/],
    ['optimizer: {type: adam, beta1: 1}', 'train.optimizer.beta1', /from 0 to below 1/],
    ['optimizer: 3', 'train.optimizer', /must be a map with the key type/],
    ['schedule: cosine', 'train.schedule', /Write \{ type: cosine \}/],
    ['schedule: {type: step, factor: 0.5}', 'train.schedule.everySteps', /required.*a whole number from 1/],
    ['schedule: {type: cosin}', 'train.schedule.type', /Did you mean cosine\?/],
    ['precision: bf16', 'train.precision', /not there yet.*float32/],
    ['lr: 0.1', 'train.lr', /train\.optimizer\.learningRate/],
    ['batch_size: 3', 'train.batch_size', /Did you mean batchSize\?/],
    ['earlyStopping: {baseline: 3}', 'train.earlyStopping.baseline', /not there yet/],
    ['earlyStopping: {restoreBestWeight: true}', 'train.earlyStopping.restoreBestWeight', /Did you mean restoreBestW/],
    ['earlyStopping: {monitor: val_loss}', 'train.earlyStopping.monitor', /Did you mean validationLoss/],
    ['seed: "3"', 'train.seed', /without quotes/],
    ['seed: 99999999999999999999', 'train.seed', /to 4294967295/],
    ['clip: {value: .inf}', 'train.clip.value', /a number above 0/],
    ['clip: {value: .nan}', 'train.clip.value', /a number above 0/],
  ])('train: {%s} is explained', (setting, path, text) => {
    expect(said(GOOD.replace(/^train: .*$/m, `train: {loss: binaryCrossEntropy, ${setting}}`), path)).toMatch(text);
  });

  it.each([
    ['epochs: 3', 'epochs', /belongs under train: write train\.epochs/],
    ['batch_size: 3', 'batch_size', /Did you mean train\.batchSize\?/],
    ['layers: []', 'layers', /Did you mean model\?/],
    ['tune: {}', 'tune', /not there yet/],
    ['xyzzy: 1', 'xyzzy', /Known here: apiVersion, name, data/],
    ['split: {stratify: yes}', 'split.stratify', /Write true/],
    ['split: {test: 1}', 'split.test', /from 0 to below 1/],
    ['run: {device: gpu}', 'run.device', /Did you mean cuda\?/],
    ['preprocess: {columns: {"a b": {mising: mean}}}', 'preprocess.columns["a b"].mising', /Did you mean missing\?/],
    ['apiVersion: lockstep/v2', 'apiVersion', /must be lockstep\/v1/],
    ['__proto__: {a: 1}', '__proto__', /cannot have this name/],
  ])('%s at the top is explained', (line, path, text) => {
    expect(said(`${GOOD}${line}\n`, path)).toMatch(text);
  });

  it('says when text was meant', () => {
    expect(said(GOOD.replace('label: y', 'label: 1'), 'data.label')).toMatch(/in quotes: "1"/);
    expect(said(GOOD.replace('label: y', 'label: y, nulls: [999]'), 'data.nulls[0]')).toMatch(/in quotes: "999"/);
    expect(said(GOOD.replace('label: y', 'label: y, types: {a: int}'), 'data.types.a')).toMatch(
      /Did you mean number\?/,
    );
  });
});

describe('overrides', () => {
  const train = (overrides: Record<string, string>): object | undefined =>
    parseJobSpec(GOOD, { overrides }).spec?.train;

  it('are YAML values', () => {
    expect(train({ 'train.epochs': '3' })).toMatchObject({ epochs: 3 });
    expect(train({ 'train.optimizer': '{type: sgd, momentum: 0.9}' })).toMatchObject({
      optimizer: { type: 'sgd', momentum: 0.9 },
    });
    const { spec } = parseJobSpec(GOOD, {
      overrides: { name: 'no', 'data.ignore': '[a, "b c"]', 'data.types.zip': 'text' },
    });
    expect(spec).toMatchObject({ name: 'no', data: { ignore: ['a', 'b c'], types: { zip: 'text' } } });
  });

  it('reach into lists and quoted names', () => {
    const { spec } = parseJobSpec(GOOD, {
      overrides: {
        'model[0].dense.activation': 'linear',
        'model.0.dense.useBias': 'false',
        'preprocess.columns["a.b"].scale': 'none',
      },
    });
    expect(spec?.model[0]).toMatchObject({ activation: 'linear', useBias: false });
    expect(spec?.preprocess.columns).toEqual({ 'a.b': { scale: 'none' } });
  });

  it('keep the optimizer whose setting they change', () => {
    const named = GOOD.replace('{type: adam, learningRate: 1e-3}', 'rmsprop');
    const left = GOOD.replace('optimizer: {type: adam, learningRate: 1e-3}, ', '');
    const overrides = { 'train.optimizer.learningRate': '0.5' };
    expect(parseJobSpec(named, { overrides }).spec?.train.optimizer).toMatchObject({
      type: 'rmsprop',
      learningRate: 0.5,
    });
    expect(parseJobSpec(left, { overrides }).spec?.train.optimizer).toMatchObject({ type: 'adam', learningRate: 0.5 });
  });

  it('are checked like the text, and carry no line of it', () => {
    expect(found(GOOD, { 'train.epochs': '-1', 'train.zzz': '1' })).toEqual([
      '-:- train.epochs SPEC_VALUE',
      '-:- train.zzz SPEC_UNKNOWN_KEY',
    ]);
    expect(said(GOOD, 'run.workers', { 'run.workers': '[' })).toMatch(/not YAML/);
    expect(said(GOOD, 'model[4].dense', { 'model[4].dense': '{}' })).toMatch(/not in a list of 1/);
    for (const path of ['', '.', '__proto__.x', 'train.__proto__', 'a..b', '[']) {
      expect(found(GOOD, { [path]: '1' })).toEqual([`-:- ${path} SPEC_UNKNOWN_KEY`]);
    }
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});
