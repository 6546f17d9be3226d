import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CacheKind, ColumnCache } from './column-cache.js';
import { openSource } from './open-source.js';
import type { TableChunk, TableColumns } from './table-source.js';
import { tableFile, temporaryFolder } from './testing/tables.js';

const ROWS = Array.from({ length: 300 }, (_, row) => {
  const number = row % 7 === 0 ? ['', 'NA', '""', 'x', '007'][row % 5]! : `${row}.50`;
  return `${row},${number},${['oak', '"elm, old"', '', '""', '12'][row % 5]},${row < 200 ? row : 'late'}`;
});
const TABLE = `id,n,wood,mixed\n${ROWS.join('\n')}\n`;
const WOOD = 2;
const MIXED = 3;
const KINDS: Readonly<Record<string, CacheKind>> = { id: 'nothing', wood: 'texts' };

/** The table, a cache before it, and how often the table was read. */
async function cached({ maxBytes = 1 << 20, folder = temporaryFolder() } = {}) {
  const files = [{ path: tableFile(TABLE), name: 'data.csv' }];
  // More chunks than are kept as one.
  const table = await openSource({ files, nulls: ['NA'], pieceBytes: 100 });
  let passes = 0;
  const counted: TableColumns = {
    columns: table.columns,
    lineOf: table.lineOf,
    placeOf: (row) => table.placeOf(row),
    chunks: () => {
      passes++;
      return table.chunks();
    },
  };
  const path = join(folder, 'columns.cache');
  const cache = new ColumnCache(counted, { path, kindOf: (name) => KINDS[name] ?? 'auto', maxBytes });
  return { table, cache, folder, passes: () => passes };
}

/** All that the chunks say of a column: its numbers, and the texts where there are none. */
async function contentOf(table: TableColumns, column: number): Promise<(number | string | null)[]> {
  const content: (number | string | null)[] = [];
  for await (const chunk of table.chunks()) {
    chunk.numbers(column).forEach((value, row) => {
      content.push(Number.isNaN(value) ? chunk.text(column, row) : value);
    });
  }
  return content;
}

async function textsOf(table: TableColumns, column: number): Promise<(string | null)[]> {
  const texts: (string | null)[] = [];
  for await (const chunk of table.chunks()) {
    const { cells, codes } = chunk.coded(column);
    for (let row = 0; row < chunk.rowCount; row++) {
      texts.push(cells[codes[row]!]!);
      expect(chunk.text(column, row)).toBe(texts.at(-1));
    }
  }
  return texts;
}

const first = async (table: TableColumns): Promise<TableChunk> => {
  for await (const chunk of table.chunks()) return chunk;
  throw new Error('no rows');
};

describe('kept columns', () => {
  it('say what the table says, which is read once', async () => {
    const { table, cache, passes } = await cached();
    for await (const _ of cache.chunks());
    for (const column of [1, WOOD, MIXED])
      expect(await contentOf(cache, column)).toEqual(await contentOf(table, column));
    expect(await textsOf(cache, WOOD)).toEqual(await textsOf(table, WOOD));
    expect(cache.lineOf(5)).toBe('line 7');
    expect(passes()).toBe(1);
    await cache.close();
  });

  it('leave no file behind, however the process ends', async () => {
    const { cache, folder } = await cached();
    for await (const _ of cache.chunks()) expect(readdirSync(folder)).toEqual([]);
    await cache.close();
  });

  it('refuse to make up the text of a number, and what was not kept', async () => {
    const { cache } = await cached();
    for await (const _ of cache.chunks());
    const chunk = await first(cache);
    expect(() => chunk.text(1, 1)).toThrow('not kept');
    expect(() => chunk.coded(1)).toThrow('not kept');
    expect(() => chunk.numbers(0)).toThrow('not kept');
    await cache.close();
  });

  it('are read again where the texts of numbers are asked for after all', async () => {
    const { table, cache, passes } = await cached();
    for await (const _ of cache.chunks());
    cache.needTexts([WOOD, MIXED]);
    for (let pass = 0; pass < 3; pass++) expect(await textsOf(cache, MIXED)).toEqual(await textsOf(table, MIXED));
    expect(passes()).toBe(2);
    cache.needTexts([MIXED]);
    await first(cache);
    expect(passes()).toBe(2);
    await cache.close();
  });

  it.each([
    ['beyond the limit', async () => cached({ maxBytes: 3000 })],
    ['where no file can be written', async () => cached({ folder: '/proc/none' })],
  ])('give way to the table %s', async (_, open) => {
    const { table, cache, passes } = await open();
    for (let pass = 0; pass < 3; pass++) expect(await contentOf(cache, 1)).toEqual(await contentOf(table, 1));
    expect(passes()).toBe(3);
    await cache.close();
    expect(existsSync('/proc/none')).toBe(false);
  });
});
