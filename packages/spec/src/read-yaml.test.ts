import { describe, expect, it } from 'vitest';
import { MAX_DEPTH, MAX_SPEC_CHARACTERS } from './limits.js';
import { readYaml } from './read-yaml.js';

const codes = (text: string): string[] => readYaml(text).problems.map(({ code }) => code);
const plain = (text: string): unknown => JSON.parse(JSON.stringify(readYaml(text).value));

describe('reading YAML', () => {
  it('follows YAML 1.2: no is text, 08 is eight, 1e-3 a number', () => {
    expect(plain('name: no\nepochs: 08\nrate: 1e-3\noctal: 0o17\nwhen: 2001-01-01\nnothing: ~\n')).toEqual({
      name: 'no',
      epochs: 8,
      rate: 0.001,
      octal: 15,
      when: '2001-01-01',
      nothing: null,
    });
  });

  it('takes JSON, a byte order mark and carriage returns', () => {
    expect(plain('{"a": [1, {"b": "c"}]}')).toEqual({ a: [1, { b: 'c' }] });
    const source = readYaml('\ufeffa: 1\r\nb: 2\r\n');
    expect(plain('\ufeffa: 1\r\nb: 2\r\n')).toEqual({ a: 1, b: 2 });
    expect(source.positions.value(['b'])).toEqual({ line: 2, column: 4 });
  });

  it('keeps keys as they are spelled', () => {
    expect(Object.keys(readYaml('2020: a\n1.0: b\nno: c\n"x y": d\n').value as object).sort()).toEqual(
      ['1.0', '2020', 'no', 'x y'].sort(),
    );
  });

  it('knows where keys and values stand, in maps, lists and flow', () => {
    const { positions } = readYaml('a:\n  b: [1, {c: 2}]\n');
    expect(positions.key(['a', 'b'])).toEqual({ line: 2, column: 3 });
    expect(positions.value(['a', 'b', 0])).toEqual({ line: 2, column: 7 });
    expect(positions.key(['a', 'b', 1, 'c'])).toEqual({ line: 2, column: 11 });
    expect(positions.nearest(['a', 'b', 1, 'absent'])).toEqual({ line: 2, column: 10 });
  });

  it('reports every duplicate key and keeps the first', () => {
    const source = readYaml('a: 1\nb: {c: 1, c: 2}\na: 3\n');
    expect(source.problems).toMatchObject([
      { path: 'b.c', line: 2, column: 11, code: 'SPEC_DUPLICATE_KEY' },
      { path: 'a', line: 3, column: 1, code: 'SPEC_DUPLICATE_KEY' },
    ]);
    expect(source.value).toMatchObject({ a: 1, b: { c: 1 } });
  });

  it('follows an alias', () => {
    expect(plain('a: &layer {units: 3}\nb: [*layer, *layer]\n')).toEqual({
      a: { units: 3 },
      b: [{ units: 3 }, { units: 3 }],
    });
  });

  it('tells of tabs alone, not of the lines that they make nonsense of', () => {
    const { problems } = readYaml('data:\n\tpath: data.csv\n  label: y\n');
    expect(problems).toMatchObject([{ line: 2, column: 1, message: 'Tabs cannot indent YAML; use spaces.' }]);
  });

  it('says what is wrong with text that is not YAML', () => {
    expect(readYaml('a:\n\tb: 1\n').problems).toMatchObject([
      { line: 2, column: 1, message: expect.stringContaining('spaces') },
    ]);
    expect(codes('a: [1, 2\nb: 3')).toContain('SPEC_SYNTAX');
    expect(codes('a: 1\n---\nb: 2\n')).toContain('SPEC_SYNTAX');
    expect(codes('? [a, b]\n: 1\n')).toContain('SPEC_SYNTAX');
    expect(codes('a: !!js/function "x"\nb: !!binary aGk=\n')).toEqual(['SPEC_SYNTAX', 'SPEC_SYNTAX']);
    expect(codes('a: !shell x\n')).toContain('SPEC_SYNTAX');
    expect(codes('a: *nowhere\n')).toContain('SPEC_SYNTAX');
  });
});

describe('hostile YAML', () => {
  it('never reaches a prototype', () => {
    const source = readYaml(
      '__proto__: {polluted: 1}\nb: {__proto__: {polluted: 1}}\nconstructor: {prototype: {polluted: 1}}\n',
    );
    expect(source.problems.map(({ code }) => code)).toEqual(['SPEC_UNKNOWN_KEY', 'SPEC_UNKNOWN_KEY']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((source.value as { polluted?: number }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(source.value)).toBeNull();
  });

  const bomb = ['a: &a0 [x, x, x, x, x, x, x, x]']
    .concat(Array.from({ length: 8 }, (_, level) => `k${level}: &a${level + 1} [${`*a${level}, `.repeat(8)}]`))
    .join('\n');
  const lines = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('\n');

  it.each([
    ['aliases of aliases', bomb],
    ['an alias inside its own anchor', 'a: &a [*a]'],
    ['a million keys', lines(1_000_000, (index) => `k${index}: 1`)],
    ['a hundred thousand short keys', lines(90_000, (index) => `k${index}: 1`)],
    ['a text beyond the limit', 'x'.repeat(MAX_SPEC_CHARACTERS + 1)],
    ['a million open brackets', '['.repeat(1_000_000)],
    ['half a million dashes in a line', '- '.repeat(500_000)],
    ['half a million question marks', '? '.repeat(500_000)],
    ['more levels than any spec has', `${'['.repeat(MAX_DEPTH + 1)}${']'.repeat(MAX_DEPTH + 1)}`],
    ['blocks nested a thousand levels', lines(1400, (level) => `${' '.repeat(level)}a:`)],
    ['a hundred thousand documents', '---\n'.repeat(100_000)],
  ])('refuses %s', (_name, text) => {
    const { value, problems } = readYaml(text);
    expect(value).toBeNull();
    expect(problems).toHaveLength(1);
    expect(['LIMIT_EXCEEDED', 'SPEC_SYNTAX']).toContain(problems[0]?.code);
  });
});
