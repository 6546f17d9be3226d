import { describe, expect, it } from 'vitest';
import { possibleDelimiters, readRecord } from './csv-head.js';

const COMMAS = { delimiter: ',', quote: '"' };

describe('readRecord', () => {
  it.each([
    ['a,b\n1,2', ['a', 'b'], 4],
    ['a,b\r\n1,2', ['a', 'b'], 5],
    ['a,b\r1,2', ['a', 'b'], 4],
    ['"a,x","b\nc"\n1,2', ['a,x', 'b\nc'], 12],
    ['"say ""hi""",b\n', ['say "hi"', 'b'], 15],
    ['5" pipe,b\n', ['5" pipe', 'b'], 10],
    ['a,,c\n', ['a', '', 'c'], 5],
    ['a,\n', ['a', ''], 3],
    ['"",b\n', ['', 'b'], 5],
  ])('reads %j', (text, fields, end) => {
    expect(readRecord(text, COMMAS)).toEqual({ fields, end });
  });

  it('reads the record that starts further on', () => {
    expect(readRecord('a,b\n1,2\n', COMMAS, 4)?.fields).toEqual(['1', '2']);
  });

  it('goes by the quote that is meant, or by none', () => {
    expect(readRecord(`'a,x','it''s'\n`, { delimiter: ',', quote: "'" })?.fields).toEqual(['a,x', "it's"]);
    expect(readRecord('"a,b"\n', { delimiter: ',', quote: '' })?.fields).toEqual(['"a', 'b"']);
  });

  it.each(['"a,b\n1,2\n', '"a"b,c\n'])('gives up on the quotes of %j', (text) => {
    expect(readRecord(text, COMMAS)).toBeNull();
  });
});

describe('possibleDelimiters', () => {
  it.each([
    ['a,b\n1,2\n', [',']],
    ['a;b\n1,5;2,5\n', [';']],
    ['a\tb\n1\t2\n', ['\t']],
    ['a|b\n1|2\n', ['|']],
    ['"a;x",b\n1,2\n', [',']],
    ['price; net,b\n1,2\n', [',']],
    ['a\n1\n', []],
    ['a;b,c\n1;2,3\n', [',', ';']],
  ])('finds in %j %j', (head, found) => {
    expect(possibleDelimiters(head, '"')).toEqual(found);
  });

  it('goes by the header alone, so that a ragged row does not turn the file into one column', () => {
    expect(possibleDelimiters('a,b,c\n1,2\n1,2,3,4\n', '"')).toEqual([',']);
  });
});
