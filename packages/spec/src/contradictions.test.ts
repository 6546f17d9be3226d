import { describe, expect, it } from 'vitest';
import { parseJobSpec } from './parse.js';

interface Parts {
  readonly data?: string;
  readonly model?: string;
  readonly train?: string;
  readonly more?: string;
}

/** "line path code: message | suggestion" of every problem; data stands on line 1, model on 2, train on 3, more from 4. */
function problems({ data, model, train, more }: Parts): string[] {
  const text = [
    `data: {path: ${data ?? 'data.csv, label: y'}}`,
    `model: [${model ?? '{dense: {units: 1, activation: sigmoid}}'}]`,
    `train: {${train ?? 'loss: binaryCrossEntropy'}}`,
    more ?? '',
  ].join('\n');
  return parseJobSpec(text).problems.map(
    ({ line, path, code, message, suggestion }) => `${line} ${path} ${code}: ${message} | ${suggestion}`,
  );
}

describe('loss and last layer', () => {
  const dense = (units: number, activation?: string): string =>
    `{dense: {units: 8, activation: relu}}, {dense: {units: ${units}${activation ? `, activation: ${activation}` : ''}}}`;

  it.each([
    ['mse', dense(1)],
    ['mse', dense(1, 'relu')],
    ['mse', dense(1, 'sigmoid')],
    ['binaryCrossEntropy', dense(1, 'sigmoid')],
    ['binaryCrossEntropy', dense(1)],
    ['binaryCrossEntropy', `${dense(1)}, {sigmoid: {}}`],
    ['categoricalCrossEntropy', dense(3, 'softmax')],
    ['sparseCategoricalCrossEntropy', dense(3)],
    ['sparseCategoricalCrossEntropy', `${dense(3)}, {softmax: }`],
  ])('%s goes with %s', (loss, model) => {
    expect(problems({ model, train: `loss: ${loss}` })).toEqual([]);
  });

  it.each([
    ['mse', dense(1, 'softmax'), /model\[1\]\.dense\.activation .*softmax.*Set activation: linear/],
    ['mse', dense(3), /model\[1\]\.dense\.units .*one output.*Set units: 1/],
    ['binaryCrossEntropy', dense(2, 'softmax'), /model\[1\]\.dense\.units .*Set units: 1/],
    ['binaryCrossEntropy', dense(1, 'tanh'), /model\[1\]\.dense\.activation .*Set activation: sigmoid/],
    ['binaryCrossEntropy', `${dense(1)}, {relu: {}}`, /model\[2\] .*relu/],
    ['categoricalCrossEntropy', dense(3, 'sigmoid'), /model\[1\]\.dense\.activation .*Set activation: softmax/],
    ['sparseCategoricalCrossEntropy', dense(1, 'softmax'), /model\[1\]\.dense\.units .*binaryCrossEntropy/],
    ['mse', `${dense(1)}, {dropout: {rate: 0.5}}`, /model\[2\] .*dropout.*End with a dense layer/],
    ['mse', '{relu: {}}', /model .*no dense layer/],
  ])('%s does not go with %s', (loss, model, text) => {
    const found = problems({ model, train: `loss: ${loss}` });
    expect(found.some((line) => text.test(line) && line.startsWith('2 ') && line.includes('SPEC_CONTRADICTION'))).toBe(
      true,
    );
  });
});

describe('data', () => {
  it('has different signs for decimals and thousands', () => {
    expect(problems({ data: 'data.csv, label: y, decimal: ",", thousands: ","' })).toEqual([
      '1 data.thousands SPEC_CONTRADICTION: Decimals and thousands have the same sign | Change one of them.',
    ]);
  });

  it('has a time zone that there is, formats only for dates, and each part of a date once', () => {
    expect(problems({ data: 'data.csv, label: y, timeZone: Europe/Berln' })).toEqual([
      '1 data.timeZone SPEC_VALUE: There is no time zone Europe/Berln | Did you mean Europe/Berlin? Use an IANA name such as Europe/Berlin, or UTC.',
    ]);
    const data = 'data.csv, label: y, types: {a: number, b: date}, dateFormats: {a: dd.MM.yyyy, b: dd.MM.yyyy}';
    const more = 'preprocess: {columns: {a: {dateParts: [hour]}, b: {dateParts: [hour, hour]}}}';
    expect(problems({ data, more }).map((line) => line.split(':')[0])).toEqual([
      '1 data.dateFormats.a SPEC_CONTRADICTION',
      '4 preprocess.columns.a.dateParts SPEC_CONTRADICTION',
      '4 preprocess.columns.b.dateParts SPEC_CONTRADICTION',
    ]);
  });

  it('weighs classes only where there are some, and nothing by the label', () => {
    const train = 'loss: mse, classWeights: balanced';
    expect(problems({ data: 'data.csv, label: y, weight: y', model: '{dense: {units: 1}}', train })).toEqual([
      '1 data.weight SPEC_CONTRADICTION: The label cannot weigh the rows | Remove data.weight.',
      '3 train.classWeights SPEC_CONTRADICTION: mse predicts a number, and has no classes to weigh | Remove it, or weigh rows with data.weight.',
    ]);
    expect(problems({ train: 'loss: binaryCrossEntropy, classWeights: {1: 3}' })).toEqual([]);
  });

  it('has a positive class only where there are two, and folds no numbers', () => {
    const labels = 'data.csv, label: y, labels: {positive: 1, foldCase: true}';
    expect(problems({ data: labels })).toEqual([]);
    const found = problems({ data: labels, model: '{dense: {units: 1}}', train: 'loss: mse' });
    expect(found.map((line) => line.split(':')[0])).toEqual([
      '1 data.labels.positive SPEC_CONTRADICTION',
      '1 data.labels.foldCase SPEC_CONTRADICTION',
    ]);
  });

  it.each(['t.xlsx', 't.csv.zst', 'cat.png', '"s3://bucket/t.csv"', 't.arrow'])(
    'in %s is not read yet, and the line says so',
    (path) => {
      expect(problems({ data: `${path}, label: y` })).toEqual([
        expect.stringMatching(/^1 data\.path SPEC_NOT_YET: .*CSV/),
      ]);
    },
  );

  it.each([
    ...['data.csv', 'data.tsv', 'data.txt', 'data', '../up/data.csv', "'C:\\data\\a.csv'"],
    ...['t.parquet', 't.json', 't.JSONL', 't.csv.gz', 'parts/', '"part-*.csv"'],
  ])('in %s is', (path) => {
    expect(problems({ data: `${path}, label: y` })).toEqual([]);
  });

  it('cannot ignore its label', () => {
    expect(problems({ data: 'a.csv, label: y, ignore: [y]' })).toEqual([
      expect.stringMatching(/^1 data\.ignore SPEC_CONTRADICTION/),
    ]);
  });
});

describe('columns', () => {
  const column = (settings: string, types = ''): string[] =>
    problems({ data: `a.csv, label: y, types: {${types}}`, more: `preprocess: {columns: {a: {${settings}}}}` });

  it.each([
    ['missing: constant, fill: 3', 'a: number'],
    ['missing: constant, fill: none', 'a: text'],
    ['missing: constant', ''],
    ['fill: 3', ''],
    ['missing: category, encode: ordinal, unknown: other', 'a: text'],
    ['scale: none, missing: median', 'a: number'],
  ])('take {%s}', (settings, types) => {
    expect(column(settings, types)).toEqual([]);
  });

  it.each([
    ['missing: mean, fill: 3', '', /columns\.a\.fill .*never used/],
    ['missing: drop, fill: 3', '', /columns\.a\.fill .*never used/],
    ['missing: constant, fill: none', 'a: number', /columns\.a\.fill .*without quotes/],
    ['missing: constant, fill: 3', 'a: text', /columns\.a\.fill .*in quotes: "3"/],
    ['missing: mean', 'a: text', /columns\.a\.missing .*Use category/],
    ['missing: category', 'a: number', /columns\.a\.missing .*Use mean/],
    ['scale: minMax', 'a: text', /columns\.a\.scale .*Remove scale/],
    ['encode: oneHot', 'a: number', /columns\.a\.encode .*Remove encode/],
    ['minFrequency: 3', 'a: number', /columns\.a\.minFrequency .*Remove minFrequency/],
    ['outliers: {method: iqr}', 'a: text', /columns\.a\.outliers .*Remove outliers/],
    ['missing: knn', 'a: text', /columns\.a\.missing .*Use category/],
  ])('refuse {%s} with types {%s}', (settings, types, text) => {
    expect(column(settings, types)).toEqual([expect.stringMatching(text)]);
  });

  it('are no settings of the label or of ignored columns', () => {
    const found = problems({
      data: 'a.csv, label: y, ignore: [id]',
      more: 'preprocess: {columns: {y: {scale: none}, id: {scale: none}}}',
    });
    expect(found).toEqual([
      expect.stringMatching(/^4 preprocess\.columns\.y /),
      expect.stringMatching(/^4 preprocess\.columns\.id /),
    ]);
  });

  it('refuse a fill for the whole table that nothing uses', () => {
    expect(problems({ more: 'preprocess: {fill: 3}' })).toEqual([
      expect.stringMatching(/^4 preprocess\.fill .*missing: constant/),
    ]);
    expect(problems({ more: 'preprocess: {fillText: none}' })).toEqual([
      expect.stringMatching(/^4 preprocess\.fillText /),
    ]);
    expect(problems({ more: 'preprocess: {fill: 3, missing: constant}' })).toEqual([]);
    expect(problems({ more: 'preprocess: {fill: 3, columns: {a: {missing: constant}}}' })).toEqual([]);
  });
});

describe('cleaning', () => {
  const cleaning = (settings: string): string[] => problems({ more: `preprocess: {${settings}}` });

  it.each([
    'outliers: {method: isolationForest, action: drop, threshold: 0.6}',
    'outliers: {method: zScore, action: clip}, columns: {a: {outliers: {method: none}}}',
    'unknown: rare, minFrequency: 0.01',
    'unknown: rare, columns: {a: {minFrequency: 10}}',
    'minFrequency: 5, columns: {a: {unknown: rare}}',
    'indicator: true',
    'indicator: true, missing: drop, columns: {a: {missing: mean}}',
    'missing: knn, neighbors: 3',
    'neighbors: 3, columns: {a: {missing: knn}}',
  ])('takes {%s}', (settings) => {
    expect(cleaning(settings)).toEqual([]);
  });

  it.each([
    ['outliers: {method: isolationForest, action: clip}', /preprocess\.outliers\.action .*action: flag or drop/],
    ['outliers: {method: isolationForest, threshold: 1}', /preprocess\.outliers\.threshold .*between 0 and 1/],
    ['columns: {a: {outliers: {method: none, threshold: 3}}}', /a\.outliers\.threshold .*Remove threshold/],
    ['unknown: rare', /preprocess\.unknown .*Give minFrequency/],
    ['columns: {a: {unknown: rare}}', /a\.unknown .*Give minFrequency/],
    ['minFrequency: 2.5', /preprocess\.minFrequency .*no count/],
    ['columns: {a: {minFrequency: 1}}', /a\.minFrequency .*does nothing/],
    ['indicator: true, missing: drop', /preprocess\.indicator .*adds nothing/],
    ['columns: {a: {indicator: true, missing: category}}', /a\.indicator .*adds nothing/],
    ['neighbors: 3', /preprocess\.neighbors .*Set missing: knn/],
  ])('refuses {%s}', (settings, text) => {
    expect(cleaning(settings)).toEqual([expect.stringMatching(text)]);
  });
});

describe('split and training', () => {
  it('leave rows for training', () => {
    expect(problems({ more: 'split: {test: 0.5, validation: 0.5}' })).toEqual([
      expect.stringMatching(/^4 split .*less than 1/),
    ]);
  });

  it('keep rows together, in order or in proportion, and not two of these', () => {
    expect(problems({ more: 'split: {groupBy: customer}' })).toEqual([]);
    expect(problems({ more: 'split: {orderBy: at}' })).toEqual([]);
    const more = 'split: {groupBy: c, orderBy: y, stratify: true}\npreprocess: {columns: {c: {scale: none}}}';
    expect(problems({ more }).map((line) => line.split(':')[0])).toEqual([
      '4 split.orderBy SPEC_CONTRADICTION',
      '4 split.orderBy SPEC_CONTRADICTION',
      '4 split.stratify SPEC_CONTRADICTION',
      '4 split.stratify SPEC_CONTRADICTION',
      '5 preprocess.columns.c SPEC_CONTRADICTION',
    ]);
  });

  it('stratify classes only', () => {
    const found = problems({ model: '{dense: {units: 1}}', train: 'loss: mse', more: 'split: {stratify: true}' });
    expect(found).toEqual([expect.stringMatching(/^4 split\.stratify /)]);
  });

  it('add up no more batches than lanes and rows allow, and none that is full', () => {
    expect(problems({ train: 'loss: binaryCrossEntropy, batchSize: full, accumulate: 2' })).toEqual([
      expect.stringMatching(/^3 train\.accumulate .*all rows already/),
    ]);
    expect(problems({ train: 'loss: binaryCrossEntropy, batchSize: 32, lanes: 4, accumulate: 1025' })).toEqual([
      expect.stringMatching(/^3 train\.accumulate .*more than 4096 lanes.*1024 or fewer/),
    ]);
    expect(problems({ train: 'loss: binaryCrossEntropy, batchSize: 6000000, accumulate: 2' })).toEqual([
      expect.stringMatching(/^3 train\.accumulate .*10000000 rows.*1 or fewer/),
    ]);
    expect(problems({ train: 'loss: binaryCrossEntropy, batchSize: 32, lanes: 4, accumulate: 1024' })).toEqual([]);
    expect(problems({ train: 'loss: binaryCrossEntropy, gradients: topK, accumulate: 2' })).toEqual([
      expect.stringMatching(/^3 train\.accumulate .*2 times 4 lanes has a residual.*train\.batchSize instead/),
    ]);
    expect(problems({ train: 'loss: binaryCrossEntropy, gradients: int8' })).toEqual([]);
  });

  it('have no more lanes than rows in a batch', () => {
    expect(problems({ train: 'loss: binaryCrossEntropy, batchSize: 4, lanes: 8' })).toEqual([
      expect.stringMatching(/^3 train\.lanes .*4 or fewer/),
    ]);
  });

  it('need one thread with tfjs', () => {
    const on = (engine: string, threads: number): string[] =>
      problems({ train: `loss: binaryCrossEntropy, engine: ${engine}, threadsPerLane: ${threads}` });
    expect(on('tfjs', 2)).toEqual([
      expect.stringMatching(/^3 train\.threadsPerLane .*one thread.*engine: onnxruntime/),
    ]);
    expect([...on('tfjs', 1), ...on('onnxruntime', 2)]).toEqual([]);
  });

  it('need momentum for nesterov', () => {
    const sgd = (settings: string): string[] =>
      problems({ train: `loss: binaryCrossEntropy, optimizer: {type: sgd, nesterov: true${settings}}` });
    expect(sgd('')).toEqual([expect.stringMatching(/^3 train\.optimizer\.nesterov .*momentum: 0\.9/)]);
    expect(sgd(', momentum: 0.9')).toEqual([]);
  });
});

describe('early stopping', () => {
  const stopping = (settings: string, more = ''): string[] =>
    problems({ train: `loss: binaryCrossEntropy, epochs: 5, earlyStopping: {${settings}}`, more });

  it('watches what is measured', () => {
    expect(stopping('patience: 2', 'split: {validation: 0.2}')).toEqual([]);
    expect(stopping('monitor: accuracy')).toEqual([]);
    expect(stopping('patience: 2')).toEqual([
      expect.stringMatching(/^3 train\.earlyStopping\.monitor .*split\.validation is 0.*Set split\.validation: 0\.2/),
    ]);
  });

  it('watches a metric of the task', () => {
    expect(stopping('monitor: validationMae', 'split: {validation: 0.2}')).toEqual([
      expect.stringMatching(/monitor .*binaryCrossEntropy has no mae .*monitor: validationAccuracy/),
    ]);
    const regression = 'loss: mse, earlyStopping: {monitor: accuracy}';
    expect(problems({ model: '{dense: {units: 1}}', train: regression })).toEqual([
      expect.stringMatching(/mse has no accuracy .*monitor: mae/),
    ]);
  });

  it('begins before the last epoch has ended', () => {
    expect(stopping('monitor: loss, startFromEpoch: 5')).toEqual([
      expect.stringMatching(/startFromEpoch .*none of 5 epochs/),
    ]);
  });
});

describe('numbers of workers', () => {
  it.each([
    ['workers: 2, minWorkers: 2, maxWorkers: 3', []],
    ['workers: 1, minWorkers: 2', [/^4 run\.workers .*below run\.minWorkers, 2 .*run\.workers: 2 or more/]],
    ['minWorkers: 2, maxWorkers: 1', [/^4 run\.maxWorkers .*run\.maxWorkers: 2 or more/]],
    ['workers: 9, minWorkers: 5', [/^4 run\.minWorkers .*5 workers for 4 lanes.*4 or fewer/]],
  ])('{%s}', (run, found) => {
    expect(problems({ more: `run: {${run}}` })).toEqual(found.map((text) => expect.stringMatching(text)));
  });
});
