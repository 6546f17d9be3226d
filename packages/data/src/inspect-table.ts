/** Looks at a table for `lockstep init`: columns, types, missing cells, values. */
import { LockstepError } from '@lockstep/protocol/core';
import type { ColumnType } from './core/cell-format.js';
import { ColumnScan, type LineOf } from './core/column-scan.js';
import { decideType } from './core/column-type.js';
import { type NumberFormat, PLAIN_NUMBERS, parseNumber } from './core/number.js';
import { openSource } from './open-source.js';
import type { DataFile, ReadingOptions } from './table-file.js';

/** Distinct values that are counted per column. */
const MAX_DISTINCT = 1000;
/** Spellings taken for missing while looking. */
export const DEFAULT_NULLS: readonly string[] = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', '?'];

/** What a column looks like. */
export interface InspectedColumn {
  readonly name: string;
  /** The type that training would take; text where a problem stands in the way of numbers. */
  readonly type: ColumnType;
  /** Why training would refuse the column as it is. */
  readonly problem: LockstepError | null;
  readonly missing: number;
  /** Distinct values as they are spelled, in the order met; at most 1,000. */
  readonly distinct: readonly string[];
  /** Whether there are more distinct values. */
  readonly distinctCapped: boolean;
  /** The numbers of `distinct` where the column holds numbers, in the same order; else none. */
  readonly numbers: readonly number[];
  /** Whether every value is a whole number, however it is written. */
  readonly whole: boolean;
  /** Smallest and largest value of a numeric column. */
  readonly range: { readonly minimum: number; readonly maximum: number } | null;
}

/** What a table looks like. */
export interface InspectedTable {
  readonly rowCount: number;
  readonly columns: readonly InspectedColumn[];
}

/** How a table is looked at. */
export interface InspectOptions extends ReadingOptions {
  /** How its numbers are written. @default as programs do */
  readonly numbers?: NumberFormat;
}

/** Reads a whole table. @throws LockstepError as reading for training does, but for single cells */
export async function inspectTable(
  files: readonly DataFile[],
  { numbers = PLAIN_NUMBERS, ...reading }: InspectOptions = {},
): Promise<InspectedTable> {
  const table = await openSource({ files, nulls: DEFAULT_NULLS, ...reading });
  const inspectors = table.columns.map((name) => new ColumnInspector(name, numbers));
  let rowCount = 0;
  for await (const rows of table.rows()) {
    for (const row of rows) {
      for (let index = 0; index < inspectors.length; index++) inspectors[index]!.add(row[index] ?? null, rowCount);
      rowCount++;
    }
  }
  return { rowCount, columns: inspectors.map((inspector) => inspector.result(table.lineOf)) };
}

class ColumnInspector {
  readonly #scan: ColumnScan;
  readonly #distinct = new Set<string>();
  #isWhole = true;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = Number.NEGATIVE_INFINITY;

  readonly #numbers: NumberFormat;

  constructor(name: string, numbers: NumberFormat) {
    this.#scan = new ColumnScan(name, { numbers });
    this.#numbers = numbers;
  }

  add(cell: string | null, row: number): void {
    this.#scan.add(cell, row);
    if (cell === null) return;
    if (this.#distinct.size <= MAX_DISTINCT) this.#distinct.add(cell);
    if (cell === '') return;
    const value = parseNumber(cell, this.#numbers);
    if (!Number.isInteger(value)) this.#isWhole = false;
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
  }

  result(lineOf: LineOf): InspectedColumn {
    const { name, nullCount, valueCount } = this.#scan;
    const { type, problem } = this.#type(lineOf);
    const distinct = [...this.#distinct].slice(0, MAX_DISTINCT);
    return {
      name,
      type,
      problem,
      missing: nullCount,
      distinct,
      numbers: type === 'number' ? distinct.map((text) => parseNumber(text, this.#numbers)) : [],
      distinctCapped: this.#distinct.size > MAX_DISTINCT,
      whole: valueCount > 0 && this.#isWhole,
      range: type === 'number' ? { minimum: this.#minimum, maximum: this.#maximum } : null,
    };
  }

  #type(lineOf: LineOf): Pick<InspectedColumn, 'type' | 'problem'> {
    const { name, valueCount } = this.#scan;
    if (valueCount === 0) {
      return { type: 'text', problem: new LockstepError('DATA_COLUMN_EMPTY', { field: name, value: '' }) };
    }
    const { type, problem } = decideType(this.#scan, { numbers: this.#numbers, lineOf });
    return { type: problem ? 'text' : type, problem };
  }
}
