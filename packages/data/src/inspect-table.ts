/** Looks at a table for `lockstep init`: columns, types, missing cells, values. */
import { LockstepError } from '@lockstep/protocol/core';
import { type CellReader, type ColumnType, cellReader } from './core/cell-format.js';
import { ColumnScan, type LineOf } from './core/column-scan.js';
import { decideType } from './core/column-type.js';
import { codedNumbers } from './core/column-values.js';
import { type NumberFormat, PLAIN_NUMBERS } from './core/number.js';
import { openSource } from './open-source.js';
import type { DataFile, ReadingOptions } from './table-file.js';
import type { CodedColumn } from './table-source.js';

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
  /** How its numbers are written, where they are texts. @default as programs do */
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
  for await (const chunk of table.chunks()) {
    for (const [index, inspector] of inspectors.entries()) inspector.add(chunk.coded(index), rowCount);
    rowCount += chunk.rowCount;
  }
  return { rowCount, columns: inspectors.map((inspector) => inspector.result(table.lineOf)) };
}

class ColumnInspector {
  readonly #scan: ColumnScan;
  /** The number of each distinct value; NaN where it is none. */
  readonly #distinct = new Map<string, number>();
  #isWhole = true;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = Number.NEGATIVE_INFINITY;

  readonly #numbers: NumberFormat;
  readonly #read: CellReader;

  constructor(name: string, numbers: NumberFormat) {
    this.#scan = new ColumnScan(name, { numbers });
    this.#numbers = numbers;
    this.#read = cellReader({ type: 'number', ...numbers });
  }

  /** Takes the column of a chunk. */
  add(coded: CodedColumn, firstRow: number): void {
    this.#scan.addCoded(coded, firstRow);
    const values = codedNumbers(coded, this.#read);
    for (const [code, cell] of coded.cells.entries()) if (cell !== null) this.#addValue(cell, values[code]!);
  }

  #addValue(cell: string, value: number): void {
    if (this.#distinct.size <= MAX_DISTINCT && !this.#distinct.has(cell)) this.#distinct.set(cell, value);
    if (cell === '') return;
    if (!Number.isInteger(value)) this.#isWhole = false;
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
  }

  result(lineOf: LineOf): InspectedColumn {
    const { name, nullCount, valueCount } = this.#scan;
    const { type, problem } = this.#type(lineOf);
    const distinct = [...this.#distinct.keys()].slice(0, MAX_DISTINCT);
    return {
      name,
      type,
      problem,
      missing: nullCount,
      distinct,
      numbers: type === 'number' ? distinct.map((text) => this.#distinct.get(text)!) : [],
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
