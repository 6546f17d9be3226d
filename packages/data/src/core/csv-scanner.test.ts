import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellForm, type CsvBlock, CsvScanner } from './csv-scanner.js';

const DIALECT = { delimiter: ',', quote: '"' };

/** Cells of a block as texts. */
function cellsOf({ bytes, rowCount, width, starts, ends, forms }: CsvBlock): string[][] {
  return Array.from({ length: rowCount }, (_, row) =>
    Array.from({ length: width }, (_, place) => {
      const cell = row * width + place;
      const text = bytes.toString('utf8', starts[cell], ends[cell]);
      return forms[cell] === CellForm.escaped ? text.replaceAll('""', '"') : text;
    }),
  );
}

interface Scanned {
  readonly rows: string[][];
  readonly lines: number[];
  readonly bad: (readonly [kind: string, line: number, text: string])[];
}

/** Scans a text that comes in pieces of some sizes, taken in turn. */
function scanned(text: string, width: number, sizes: readonly number[]): Scanned {
  const scanner = new CsvScanner(DIALECT, width, 1);
  const all = Buffer.from(text);
  const found: Scanned = { rows: [], lines: [], bad: [] };
  let rest = Buffer.alloc(0);
  for (let at = 0, turn = 0; ; turn++) {
    const piece = all.subarray(at, at + sizes[turn % sizes.length]!);
    at += piece.length;
    const bytes = Buffer.concat([rest, piece]);
    const block = scanner.scan(bytes, at === all.length);
    rest = bytes.subarray(block.consumed);
    found.rows.push(...cellsOf(block));
    found.lines.push(...block.lines);
    for (const { kind, line, start, end } of block.bad)
      found.bad.push([kind, line, bytes.toString('utf8', start, end)]);
    if (at === all.length) return found;
  }
}

const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '\r', '😀'), maxLength: 6 });
const table = fc
  .integer({ min: 2, max: 4 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 12 }));
const ends = fc.constantFrom('\n', '\r\n', '\r');
const written = (rows: readonly (readonly string[])[], end: string): string =>
  rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',') + end).join('');

describe('CsvScanner', () => {
  it('reads what was written, with the line of each row, however the bytes are cut', () => {
    fc.assert(
      fc.property(table, ends, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (rows, end, sizes) => {
        const width = rows[0]?.length ?? 2;
        let line = 1;
        const lines = rows.map((row) => {
          const start = line;
          line += row.join('').split(/\r\n|\n|\r/).length;
          return start;
        });
        // A break at the end of one cell and at the start of the next are two, also as \r and \n.
        fc.pre(rows.every((row) => row.every((text) => !text.startsWith('\n') || row.indexOf(text) === 0)));
        expect(scanned(written(rows, end), width, sizes)).toEqual({ rows, lines, bad: [] });
      }),
    );
  });

  it('says of each bad record what is wrong and where, and goes on behind it', () => {
    const text = 'a,b\n1\n"x"y,2\n3,4,5\n\n"6\n7",8\n9,10';
    for (const size of [1, 2, 5, 100]) {
      expect(scanned(text, 2, [size])).toEqual({
        rows: [
          ['a', 'b'],
          ['6\n7', '8'],
          ['9', '10'],
        ],
        lines: [1, 6, 8],
        bad: [
          ['cellCount', 2, '1'],
          ['quote', 3, '"x"y,2'],
          ['cellCount', 4, '3,4,5'],
        ],
      });
    }
  });

  it('keeps bytes back that end within a record or within quotes', () => {
    const scanner = new CsvScanner(DIALECT, 2, 1);
    expect(scanner.scan(Buffer.from('a,b\n1,"2'), false)).toMatchObject({ rowCount: 1, consumed: 4, isOpen: true });
    expect(scanner.scan(Buffer.from('1,2'), false)).toMatchObject({ rowCount: 0, consumed: 0, isOpen: false });
    expect(scanner.scan(Buffer.from('1,2\r'), false)).toMatchObject({ rowCount: 0, consumed: 0 });
    expect(scanner.scan(Buffer.from('1,2\r'), true)).toMatchObject({ rowCount: 1, consumed: 4 });
  });
});
