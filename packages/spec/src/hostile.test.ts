/** Specs that are meant to hurt are refused by a bound, and no prototype changes. */
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_PROBLEMS, MAX_SPEC_CHARACTERS } from './limits.js';
import { parseJobSpec } from './parse.js';

const PLAIN = 'data: { path: d.csv, label: y }\nmodel: [{ dense: { units: 1 } }]\ntrain: { loss: mse }\n';
const before = Object.getOwnPropertyNames(Object.prototype);

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** Nine aliases a level, nine levels: 387 million values. */
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...[...'bcdefghi'].map((name, level) => {
    const alias = `*${'abcdefgh'[level]}`;
    return `${name}: &${name} [${Array(9).fill(alias).join(', ')}]`;
  }),
].join('\n');
const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}: 1`).join('\n');
const indented = Array.from({ length: 100 }, (_, index) => `${' '.repeat(index)}a:`).join('\n');

describe('a spec beyond a bound', () => {
  it.each<[string, string]>([
    ['aliases of aliases', bomb],
    [
      'aliases that write out to little more than the bound',
      `a: &a [${Array(250).fill('x')}]\nb: [${Array(250).fill('*a')}]`,
    ],
    ['an alias of itself', 'a: &a [*a]'],
    ['100 000 keys', keys(100_000)],
    ['lists in lists', '['.repeat(100_000)],
    ['maps in maps', '{a: '.repeat(100_000)],
    ['dashes in a line', '- '.repeat(100_000)],
    ['question marks in a line', '? '.repeat(100_000)],
    ['maps by indentation', indented],
    ['more than 1 MiB', `${PLAIN}# ${'x'.repeat(MAX_SPEC_CHARACTERS)}`],
  ])('A34 is refused with one problem: %s', (_what, text) => {
    const { spec, problems } = parseJobSpec(text);
    expect(spec).toBeNull();
    expect(problems.map(({ code }) => code)).toEqual(['LIMIT_EXCEEDED']);
  });

  it('does not end in a stack overflow when it is nested by a thousand indentations', () => {
    const text = Array.from({ length: 1000 }, (_, index) => `${' '.repeat(index)}a:`).join('\n');
    expect(parseJobSpec(text).problems[0]!.message).toContain('nested');
  });

  it('lists a bounded number of problems', () => {
    expect(parseJobSpec(`${PLAIN}${keys(5000)}`).problems).toHaveLength(MAX_PROBLEMS);
  });

  it('shows long values in short', () => {
    const [problem] = parseJobSpec(PLAIN.replace('mse', 'm'.repeat(100_000))).problems;
    expect(problem!.value!.length).toBeLessThan(100);
    expect(problem!.message.length).toBeLessThan(300);
  });

  it('is not seen in aliases that stay small, and in a comment just below 1 MiB', () => {
    const text = PLAIN.replace('d.csv', '&name d.csv').replace('label: y', 'label: *name');
    expect(parseJobSpec(text).spec!.data.label).toBe('d.csv');
    expect(parseJobSpec(`${PLAIN}#${'x'.repeat(MAX_SPEC_CHARACTERS - PLAIN.length - 1)}`).problems).toEqual([]);
  });
});

describe('names of the prototype', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is an unknown key', (key) => {
    for (const text of [
      `${PLAIN}${key}: { polluted: 1, prototype: { polluted: 1 } }`,
      PLAIN.replace('loss: mse', `loss: mse, ${key}: { polluted: 1 }`),
      PLAIN.replace('dense: { units: 1 }', `${key}: { polluted: 1 }`),
      PLAIN.replace('loss: mse', `loss: mse, optimizer: { type: adam, ${key}: { polluted: 1 } }`),
    ]) {
      const { spec, problems } = parseJobSpec(text);
      expect(spec).toBeNull();
      expect(
        problems.map(({ code }) => code),
        text,
      ).toContain('SPEC_UNKNOWN_KEY');
    }
  });

  it.each([
    '__proto__.polluted',
    'constructor.prototype.polluted',
    'run.__proto__.polluted',
    'model.__proto__.polluted',
    'preprocess.columns.__proto__.missing',
    'model.constructor.prototype.polluted',
  ])('%s is no override', (path) => {
    expect(parseJobSpec(PLAIN, { overrides: { [path]: '1' } }).spec).toBeNull();
  });

  it.each([
    PLAIN.replace('label: y', 'label: y, types: { __proto__: text }'),
    `${PLAIN}preprocess: { columns: { __proto__: { missing: mode } } }`,
  ])('__proto__ is no name of a column: %j', (text) => {
    expect(parseJobSpec(text).problems).toEqual([expect.objectContaining({ code: 'SPEC_UNKNOWN_KEY' })]);
  });

  it.each(['constructor', 'toString'])('%s is a name that a column may have', (name) => {
    const text = PLAIN.replace('label: y', `label: y, types: { ${name}: text }`);
    const { spec, problems } = parseJobSpec(text, { overrides: { [`preprocess.columns.${name}.encode`]: 'ordinal' } });
    expect(problems).toEqual([]);
    expect(Object.entries(spec!.data.types)).toEqual([[name, 'text']]);
    expect(Object.keys(spec!.preprocess.columns)).toEqual([name]);
  });

  it.each(['constructor', '__proto__', 'toString'])('%s is no value, optimizer or schedule', (name) => {
    for (const path of ['train.loss', 'train.optimizer', 'train.optimizer.type', 'train.schedule.type', 'run.device']) {
      const { spec, problems } = parseJobSpec(PLAIN, { overrides: { [path]: name } });
      expect(spec).toBeNull();
      expect(problems[0]!.code, path).toBe('SPEC_VALUE');
    }
  });
});
