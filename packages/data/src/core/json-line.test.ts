import { describe, expect, it } from 'vitest';
import { MAX_JSON_DEPTH } from '../limits.js';
import { cellsOf, parseLine } from './json-line.js';

const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

describe('parseLine', () => {
  it.each([
    ['[1]', 'is no object of JSON, but an array'],
    ['7', 'is no object of JSON, but a number'],
    ['"x"', 'is no object of JSON, but a text'],
    ['null', 'is no object of JSON, but null'],
    ['true', 'is no object of JSON, but true or false'],
    ['{"a":}', "is no JSON: object value expected after ':' at position 5"],
    ['{"a":1', "is no JSON: quoted object key or end of object '}' expected but reached end of input at position 6"],
    ['{"a":1,"a":2}', "is no JSON: duplicate key 'a' encountered at position 8"],
    ['{"a":NaN}', 'is no JSON: NaN at position 5 is no value of it'],
    ['{"a":-Infinity}', 'is no JSON: Infinity at position 6 is no value of it'],
    ['{"a":None,"b":1}', 'is no JSON: None at position 5 is no value of it'],
    ["{'a':1}", "is no JSON: quoted object key expected but got ''' at position 1"],
    ['{"a":"\\ud83d"}', 'has half a character in "a"'],
    ['{"\\udc00":1}', 'has half a character in "\\udc00"'],
    [nested(MAX_JSON_DEPTH + 1), 'is nested more than 100 deep'],
    [nested(3000), 'is nested more than 100 deep'],
    [nested(400_000), 'is nested more than 100 deep'],
  ])('says what is wrong with %.40s', (text, fault) => {
    expect(parseLine(text)).toEqual({ object: null, fault });
  });

  it('takes what is nested as deep as it may be, and whole characters in two halves', () => {
    expect(parseLine(nested(MAX_JSON_DEPTH)).fault).toBeNull();
    const { object } = parseLine('{"a":"\\ud83d\\ude00"}');
    expect(cellsOf(object!, ['a'])).toMatchObject([{ text: '😀' }]);
  });
});
