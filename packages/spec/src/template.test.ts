import { describe, expect, it } from 'vitest';
import { parseJobSpec } from './parse.js';
import { jobTemplate, type TemplateOptions } from './template.js';

const options: TemplateOptions = {
  name: 'churn',
  path: 'data.csv',
  label: 'churned',
  task: 'binary',
  classCount: 2,
  rowCount: 100,
  numberColumns: ['age', 'spend'],
  textColumns: ['plan'],
  ignored: [],
};

describe('the template of init', () => {
  it.each([
    ['binary', 2, 1, 'sigmoid', 'binaryCrossEntropy'],
    ['multiclass', 5, 5, 'softmax', 'sparseCategoricalCrossEntropy'],
    ['regression', 100, 1, 'linear', 'mse'],
  ] as const)('is a valid spec for %s', (task, classCount, units, activation, loss) => {
    const { spec, problems } = parseJobSpec(jobTemplate({ ...options, task, classCount }));
    expect(problems).toEqual([]);
    expect(spec).toMatchObject({ task, name: 'churn', data: { path: 'data.csv', label: 'churned' }, train: { loss } });
    expect(spec?.model.at(-1)).toMatchObject({ type: 'dense', units, activation });
  });

  it.each(['no', '08', 'a: b', '# x', 'with "quotes"', "it's", ' padded ', 'two\nlines', '{a}', 'ä, ö', '-', '*'])(
    'keeps a column named %j',
    (column) => {
      const text = jobTemplate({
        ...options,
        label: column,
        name: column,
        ignored: [{ name: column, why: 'constant' }],
      });
      // The label is also ignored here, which is a contradiction, but both have to come through.
      const { problems } = parseJobSpec(text);
      expect(problems).toMatchObject([{ code: 'SPEC_CONTRADICTION', path: 'data.ignore', value: expect.anything() }]);
      const { spec } = parseJobSpec(jobTemplate({ ...options, label: column }));
      expect(spec?.data.label).toBe(column);
    },
  );

  it('says why columns are left out', () => {
    const text = jobTemplate({ ...options, ignored: [{ name: 'id', why: 'too many values' }] });
    expect(text).toContain('id: too many values');
    expect(parseJobSpec(text).spec?.data.ignore).toEqual(['id']);
  });
});
