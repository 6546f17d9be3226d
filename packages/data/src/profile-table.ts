/** Looks at a whole table for `lockstep profile`: two passes, and memory that does not grow with its rows. */
import { LockstepError } from '@lockstep/protocol/core';
import { columnNotFound } from './columns.js';
import { NumberStatistics } from './core/aggregates.js';
import { cellReader } from './core/cell-format.js';
import { ColumnTypeError } from './core/column-type.js';
import { codedNumbers } from './core/column-values.js';
import { PLAIN_NUMBERS } from './core/number.js';
import { cramersV, pearson } from './core/profile/association.js';
import { findingsOf, type SampledColumn } from './core/profile/findings.js';
import {
  addCell,
  DistinctCounter,
  EvenSample,
  type Hash,
  RepeatCounter,
  startHash,
} from './core/profile/fingerprints.js';
import type { Association, Bar, ColumnProfile, NumberProfile, TableProfile } from './core/profile/profile.js';
import { quantile } from './core/quantiles.js';
import {
  DEFAULT_NULLS,
  type InspectedColumn,
  type InspectedTable,
  type InspectOptions,
  inspectTable,
} from './inspect-table.js';
import { openSource } from './open-source.js';
import type { DataFile } from './table-file.js';
import type { Row } from './table-source.js';

/** Rows of the sample, and its cells, at most. */
const SAMPLE = { rows: 20_000, cells: 2_000_000 } as const;
/** Hashes of rows that are kept to find copies: 256 MiB. */
const KEPT_HASHES = 2 ** 23;
/** Columns of which all pairs are compared, of numbers and of categories each. */
const COMPARED_COLUMNS = 60;
/** Values of a category that is compared with others. */
const COMPARED_VALUES = 50;
/** Rows of the sample for each of its values, at least. */
const ROWS_PER_VALUE = 20;
/** Pairs that are reported. */
const REPORTED_PAIRS = 50;
/** Whole-number labels with more values than this are numbers to predict, not classes. */
const MAX_NUMERIC_CLASSES = 20;
const HISTOGRAM_BARS = 20;
const VALUE_BARS = 10;

/** What is profiled. */
export interface ProfileRequest extends InspectOptions {
  readonly files: readonly DataFile[];
  /** Name of the table in messages. */
  readonly name: string;
  readonly label?: string | undefined;
}

/** Profiles a table. @throws LockstepError as reading for training does, but for single cells; DATA_COLUMN_NOT_FOUND */
export async function profileTable({
  files,
  name,
  label: labelName,
  ...options
}: ProfileRequest): Promise<TableProfile> {
  const inspected = await inspectTable(files, options);
  const names = inspected.columns.map((column) => column.name);
  if (labelName !== undefined && !names.includes(labelName)) {
    throw columnNotFound('--label', labelName, names, name);
  }
  if (inspected.rowCount === 0) {
    throw new LockstepError('DATA_EMPTY', { message: `${name} has no rows.`, field: 'data.path', value: name });
  }
  const measured = await measure(
    files,
    inspected,
    inspected.columns.findIndex((column) => column.name === labelName),
    options,
  );
  const columns = inspected.columns.map((column, index) => sampled(column, index, measured));
  const label = columns.find(({ profile }) => profile.name === labelName) ?? null;
  const isRegression = label !== null && !isClasses(inspected.columns.find((column) => column.name === labelName)!);
  const classes = label && !isRegression ? measured.classes : [];
  const associations = associationsOf(columns);
  const { duplicateRows } = measured;
  const { rowCount } = inspected;
  return {
    ...{ name, rowCount, sampleRows: measured.sample.length, duplicateRows, associations, classes },
    columns: columns.map(({ profile }) => profile),
    label: labelName ?? null,
    findings: findingsOf({ rowCount, columns, label, classes, associations, duplicateRows }),
    warnings: measured.warnings,
  };
}

function isClasses({ type, whole, numbers, distinctCapped }: InspectedColumn): boolean {
  if (distinctCapped) return false;
  return type !== 'number' || (whole && new Set(numbers).size <= MAX_NUMERIC_CLASSES);
}

/** A row of the sample. */
interface SampledRow {
  readonly cells: Row;
  /** The numbers of the columns of numbers, NaN in every other place and where a cell is missing. */
  readonly numbers: Float64Array;
}

interface Measured {
  readonly statistics: readonly (NumberStatistics | null)[];
  readonly distinct: readonly (DistinctCounter | null)[];
  readonly sample: readonly SampledRow[];
  readonly classes: readonly Bar[];
  readonly duplicateRows: TableProfile['duplicateRows'];
  readonly warnings: readonly string[];
}

/** The second pass. */
async function measure(
  files: readonly DataFile[],
  { columns }: InspectedTable,
  labelAt: number,
  { numbers = PLAIN_NUMBERS, ...reading }: InspectOptions,
): Promise<Measured> {
  const table = await openSource({ files, nulls: DEFAULT_NULLS, ...reading });
  const statistics = columns.map(({ type }) => (type === 'number' ? new NumberStatistics(false) : null));
  const distinct = columns.map(({ distinctCapped }) => (distinctCapped ? new DistinctCounter() : null));
  const rowsOfClass = new Map<string, number>();
  const countsClasses = labelAt >= 0 && !columns[labelAt]!.distinctCapped;
  const repeats = new RepeatCounter(KEPT_HASHES);
  const sample = new EvenSample<SampledRow>(Math.min(SAMPLE.rows, Math.ceil(SAMPLE.cells / columns.length)));
  const [cellHash, rowHash]: [Hash, Hash] = [
    { low: 0, high: 0 },
    { low: 0, high: 0 },
  ];
  const read = cellReader({ type: 'number', ...numbers });
  for await (const chunk of table.chunks()) {
    const coded = columns.map((_, index) => chunk.coded(index));
    const values = coded.map((column, index) => (statistics[index] ? codedNumbers(column, read) : null));
    const cellAt = (index: number, row: number): string | null => coded[index]!.cells[coded[index]!.codes[row]!]!;
    const numberAt = (index: number, row: number): number => values[index]?.[coded[index]!.codes[row]!] ?? Number.NaN;
    for (let row = 0; row < chunk.rowCount; row++) {
      startHash(rowHash);
      for (let index = 0; index < columns.length; index++) {
        const cell = cellAt(index, row);
        addCell(rowHash, cell);
        const counter = distinct[index];
        if (counter && cell !== null) {
          startHash(cellHash);
          addCell(cellHash, cell);
          counter.add(cellHash);
        }
        const own = statistics[index];
        if (own) {
          const value = numberAt(index, row);
          own.add(Number.isNaN(value) ? null : value);
        }
      }
      repeats.add(rowHash);
      sample.offer(() => ({
        cells: columns.map((_, index) => cellAt(index, row)),
        numbers: Float64Array.from(columns, (_, index) => numberAt(index, row)),
      }));
      const label = countsClasses ? cellAt(labelAt, row) : null;
      if (label) rowsOfClass.set(label, (rowsOfClass.get(label) ?? 0) + 1);
    }
  }
  const classes = [...rowsOfClass].map(([label, rows]) => ({ label, rows })).sort((a, b) => b.rows - a.rows);
  const { warnings } = table;
  return { statistics, distinct, sample: sample.rows, classes, duplicateRows: repeats.count(), warnings };
}

function sampled(column: InspectedColumn, index: number, measured: Measured): SampledColumn {
  const { name, type, problem, missing, distinctCapped, distinct, whole } = column;
  const cells = measured.sample.map((row) => row.cells[index] ?? null);
  const statistics = measured.statistics[index];
  const numbers = statistics ? Float64Array.from(measured.sample, (row) => row.numbers[index]!) : null;
  const sorted = numbers ? numbers.filter((value) => !Number.isNaN(value)).sort() : null;
  const trouble = problem instanceof ColumnTypeError ? problem : null;
  const profile: ColumnProfile = {
    ...{ name, type, missing },
    problem: trouble?.message ?? '',
    distinct: measured.distinct[index]?.estimate() ?? distinct.length,
    numbers: statistics && sorted && sorted.length > 0 ? numberProfile(statistics, sorted) : null,
    bars: sorted && sorted.length > 0 ? histogram(sorted) : valueBars(cells),
  };
  return { profile, trouble, numbers, cells, values: distinctCapped ? [] : distinct, isWhole: whole };
}

function numberProfile(statistics: NumberStatistics, sorted: Float64Array): NumberProfile {
  const { count, mean, squares } = statistics.moments();
  const at = (share: number): number => quantile(sorted, share);
  return {
    ...{ minimum: statistics.minimum, maximum: statistics.maximum, mean, deviation: Math.sqrt(squares / count) },
    quantiles: [at(0.05), at(0.25), at(0.5), at(0.75), at(0.95)],
  };
}

/** Bars of equal width over the middle 98 %, the ends in the outermost. */
function histogram(sorted: Float64Array): Bar[] {
  const [low, high] = [quantile(sorted, 0.01), quantile(sorted, 0.99)];
  if (!(high > low)) return [{ label: String(low), rows: sorted.length }];
  const rows = new Array<number>(HISTOGRAM_BARS).fill(0);
  for (const value of sorted) {
    const place = Math.floor(((value - low) / (high - low)) * HISTOGRAM_BARS);
    rows[Math.min(HISTOGRAM_BARS - 1, Math.max(0, place))]!++;
  }
  const edge = (bar: number): string => (low + ((high - low) * bar) / HISTOGRAM_BARS).toPrecision(4);
  return rows.map((count, bar) => ({ label: `${edge(bar)} to ${edge(bar + 1)}`, rows: count }));
}

function valueBars(cells: readonly (string | null)[]): Bar[] {
  const counts = new Map<string, number>();
  for (const cell of cells) if (cell !== null) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, VALUE_BARS);
  return most.map(([label, rows]) => ({ label, rows }));
}

/** Numbers with numbers and categories with categories, the strongest first. */
function associationsOf(columns: readonly SampledColumn[]): Association[] {
  const numbers = columns.filter((column) => column.numbers && column.profile.distinct > 1).slice(0, COMPARED_COLUMNS);
  // With few rows for each value, any two columns seem to follow from each other.
  const most = Math.min(COMPARED_VALUES, (columns[0]?.cells.length ?? 0) / ROWS_PER_VALUE);
  const texts = columns
    .filter(({ numbers: none, values }) => !none && values.length > 1 && values.length <= most)
    .slice(0, COMPARED_COLUMNS);
  const pairs = [
    ...pairsOf(numbers, 'pearson', (left, right) => pearson(left.numbers!, right.numbers!)),
    ...pairsOf(texts, 'cramersV', (left, right) => cramersV(left.cells, right.cells)),
  ];
  return pairs.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, REPORTED_PAIRS);
}

function pairsOf(
  columns: readonly SampledColumn[],
  measure: Association['measure'],
  value: (left: SampledColumn, right: SampledColumn) => number,
): Association[] {
  return columns.flatMap((left, index) =>
    columns.slice(index + 1).flatMap((right): Association[] => {
      const found = value(left, right);
      if (Number.isNaN(found)) return [];
      return [{ left: left.profile.name, right: right.profile.name, measure, value: found }];
    }),
  );
}
