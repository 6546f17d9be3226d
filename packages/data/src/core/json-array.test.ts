/** Tests of cutting one array of JSON into its elements. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrayElements } from './json-array.js';

function cut(text: string, pieceBytes = text.length || 1) {
  const elements = new ArrayElements();
  const bytes = Buffer.from(text);
  const found: [string, number][] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const { bytes: element, line } of elements.add(bytes.subarray(at, at + pieceBytes)))
      found.push([element.toString('utf8').trim(), line]);
  }
  return { found, isWhole: elements.isWhole };
}

describe('the elements of an array', () => {
  it('are found with their lines, also pretty-printed', () => {
    const text = '\n[\n  {\n    "a": [1, 2]\n  },\n  {"b": "]},{"} , 7 ]\n';
    expect(cut(text)).toEqual({
      found: [
        ['{\n    "a": [1, 2]\n  }', 3],
        ['{"b": "]},{"}', 6],
        ['7', 6],
      ],
      isWhole: true,
    });
  });

  it('are none in an empty array, and not all in one that does not end', () => {
    expect(cut(' [ ] ')).toEqual({ found: [], isWhole: true });
    expect(cut('[{"a":1},{"a":')).toEqual({ found: [['{"a":1}', 1]], isWhole: false });
  });

  it.each(['[1,]', '[,1]', '[1,,2]', '[1] 2', '[1][2]'])('are none of %s', (text) => {
    expect(() => cut(text)).toThrow(SyntaxError);
  });

  it('are those that JSON.parse finds, wherever pieces end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.nat(3),
        fc.integer({ min: 1, max: 9 }),
        (values, indent, size) => {
          const text = JSON.stringify(values, null, indent);
          const { found, isWhole } = cut(text, size);
          expect(found.map(([element]) => JSON.parse(element))).toEqual(JSON.parse(text));
          expect(isWhole).toBe(true);
        },
      ),
    );
  });
});
