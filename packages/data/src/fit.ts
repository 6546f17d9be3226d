/** Fits the preprocessing on training rows only, once outliers are found. */
import { LockstepError } from '@lockstep/protocol/core';
import { ofColumn, type ResolvedJobSpec } from '@lockstep/spec';
import { tooManyCategories } from './column-errors.js';
import { mergeMoments, NumberStatistics } from './core/aggregates.js';
import { rawName, typeName, valueReader } from './core/cell-format.js';
import { columnNumbers } from './core/column-values.js';
import { NeighborFinder } from './core/neighbors.js';
import { cut } from './core/outliers.js';
import {
  type ColumnPlan,
  type ColumnSettings,
  featureNames,
  type NumberColumnPlan,
  type PreprocessingPlan,
  settingsOf,
  textWidth,
} from './core/plan.js';
import { fitRanks, quantile } from './core/quantiles.js';
import { Part, rowsOfPart } from './core/split.js';
import { MISSING_TEXT, textInput } from './core/text-cell.js';
import { fitNeighbors } from './fit-neighbors.js';
import type { OutlierFit } from './fit-outliers.js';
import { MAX_COUNTED_CATEGORIES, MAX_FEATURES, MAX_RANKED_COLUMNS } from './limits.js';
import type { PrepareRequest } from './prepare-request.js';
import { type NumberColumn, numberFormat, type RawColumn, type TableScan, type TextColumn } from './scan-table.js';
import type { CodedColumn, TableColumns } from './table-source.js';

type FitParts = Pick<ResolvedJobSpec, 'data' | 'preprocess'>;

interface TextFitter {
  readonly column: TextColumn;
  /** Takes the training rows of a chunk. */
  add(column: CodedColumn, training: Uint32Array): void;
  plan(): ColumnPlan;
}

interface NumberFitter {
  readonly column: NumberColumn;
  /** Takes numbers, cut and filled from neighbors; NaN is missing. @param missing how many were before that */
  add(values: Float64Array, missing: number): void;
  plan(): NumberColumnPlan;
}

/** Settings whose statistics need every value of a column. */
const SORTED_SETTINGS: ReadonlySet<string> = new Set(['median', 'mode', 'robust', 'quantile', 'quantileNormal']);

/** Fits every column. @throws LockstepError DATA_COLUMN_EMPTY, DATA_TOO_MANY_CATEGORIES */
export async function fitPreprocessing(
  table: TableColumns,
  scan: TableScan,
  parts: Uint8Array,
  spec: PrepareRequest['spec'],
  outliers: OutlierFit,
): Promise<PreprocessingPlan> {
  for (const column of scan.columns) checkSettings(spec.preprocess, column);
  const neighbors = await fitNeighbors(table, scan, parts, spec, outliers);
  const numbers: NumberFitter[] = [];
  const texts: TextFitter[] = [];
  for (const column of scan.columns) {
    const settings = settingsOf(spec.preprocess, rawName(column), typeName(column));
    // Parts of one date are missing together, which one feature says.
    const indicator = settings.indicator && numbers.every((other) => rawName(other.column) !== rawName(column));
    if (column.type === 'number') numbers.push(numberFitter(column, { ...settings, indicator }, outliers));
    else texts.push(textFitter(column, settings, spec.preprocess.maxCategories));
  }
  const finder = neighbors && new NeighborFinder(neighbors);
  const clips = numbers.map(({ column }) => outliers.clip.get(column.name));
  const readers = numbers.map(({ column }) => valueReader(column.format));
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const training = rowsOfPart(parts, Part.train, firstRow, chunk.rowCount);
    firstRow += chunk.rowCount;
    for (const fitter of texts) fitter.add(chunk.coded(fitter.column.index), training);
    const values = numbers.map(({ column }, at) => {
      const picked = pick(columnNumbers(chunk, column, readers[at]!), training);
      const clip = clips[at];
      return clip ? picked.map((value) => cut(clip, value)) : picked;
    });
    const missing = values.map(countMissing);
    finder?.fillRows(values);
    numbers.forEach((fitter, at) => {
      fitter.add(values[at]!, missing[at]!);
    });
  }
  const plans = new Map([...numbers, ...texts].map((fitter) => [fitter.column, fitter.plan()]));
  const { positive: _order, ...labels } = spec.data.labels;
  const plan: PreprocessingPlan = {
    columns: scan.columns.map((column) => plans.get(column)!),
    label: spec.data.label,
    labels,
    nulls: spec.data.nulls,
    numbers: numberFormat(spec),
    ...(neighbors ? { neighbors } : {}),
    ...(outliers.forest ? { forest: outliers.forest } : {}),
  };
  checkWidth(plan);
  return plan;
}

function pick(values: Float64Array, rows: Uint32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index++) picked[index] = values[rows[index]!]!;
  return picked;
}

function countMissing(values: Float64Array): number {
  let count = 0;
  for (const value of values) if (Number.isNaN(value)) count++;
  return count;
}

function checkWidth(plan: PreprocessingPlan): void {
  const { columns } = plan;
  const ranked = columns.filter((column) => column.type === 'number' && column.ranks).length;
  if (ranked > MAX_RANKED_COLUMNS) {
    throw new LockstepError('DATA_TOO_LARGE', {
      message: `${ranked} columns are scaled by rank, at most ${MAX_RANKED_COLUMNS}.`,
      field: 'preprocess.scale',
      value: String(ranked),
      fix: 'Set scale: robust, and quantile for the columns that need it.',
    });
  }
  const width = featureNames(plan).length;
  if (width <= MAX_FEATURES) return;
  const widthOf = (column: ColumnPlan): number => (column.type === 'text' ? textWidth(column) : 1);
  const widest = columns.reduce((a, b) => (widthOf(b) > widthOf(a) ? b : a));
  throw new LockstepError('DATA_TOO_LARGE', {
    message: `The columns become ${width} features, at most ${MAX_FEATURES}; ${widest.name} alone ${widthOf(widest)}.`,
    field: widest.name,
    value: String(width),
    fix: `Set encode: ordinal for the widest columns, or add them to data.ignore.`,
  });
}

/** Settings that do nothing for a column's type are refused, never dropped in silence. */
function checkSettings(spec: FitParts['preprocess'], column: RawColumn): void {
  const name = rawName(column);
  const type = typeName(column);
  const own = ofColumn(spec.columns, name) ?? {};
  const { missing } = settingsOf(spec, name, type);
  if (own.fill !== undefined && missing !== 'constant') {
    throw settingError(name, 'fill', String(own.fill), `Column ${name} has a fill, but missing: ${missing}.`);
  }
  if (type === 'date' && missing === 'constant' && own.fill === undefined) {
    const message = `Column ${name} holds dates, but no date is named that fills it.`;
    const fix = `Set preprocess.columns.${name}.fill to a date as its cells are written.`;
    throw settingError(name, 'fill', '', message, fix);
  }
  if (own.indicator && (missing === 'drop' || missing === 'category')) {
    const message = `Column ${name} has an indicator, which adds nothing to missing: ${missing}.`;
    throw settingError(name, 'indicator', 'true', message);
  }
  if (own.dateParts !== undefined && type !== 'date') {
    const message = `Column ${name} holds ${type}${type === 'text' ? '' : 's'}, but dateParts is for dates.`;
    throw settingError(name, 'dateParts', own.dateParts.join(', '), message);
  }
  if (type === 'boolean' && own.outliers) {
    throw settingError(name, 'outliers', own.outliers.method, `Column ${name} holds booleans, which have no outliers.`);
  }
  if (type === 'text') {
    const key = own.scale === undefined ? 'outliers' : 'scale';
    if (own[key] === undefined) return;
    const message = `Column ${name} holds text, which ${key === 'scale' ? 'is not scaled' : 'has no outliers'}.`;
    throw settingError(name, key, String(own.scale ?? own.outliers?.method), message);
  }
  const key = (['encode', 'unknown', 'minFrequency'] as const).find((name) => own[name] !== undefined);
  if (key === undefined) return;
  const fix = `Remove it, or make the ${type}s categories with data.types: {${name}: text}.`;
  throw settingError(name, key, String(own[key]), `Column ${name} holds ${type}s, but ${key} is for text.`, fix);
}

function numberFitter(column: NumberColumn, settings: ColumnSettings, outliers: OutlierFit): NumberFitter {
  const { name, format } = column;
  const statistics = new NumberStatistics(SORTED_SETTINGS.has(settings.missing) || SORTED_SETTINGS.has(settings.scale));
  const [clip, flag] = [outliers.clip.get(name), outliers.flag.get(name)];
  let missing = 0;
  return {
    column,
    add(values, missingBefore) {
      missing += missingBefore;
      statistics.addAll(values);
    },
    plan() {
      const present = statistics.moments();
      if (present.count === 0) throw emptyColumn(name);
      const fill = fillNumber(column, statistics, settings);
      const nulls = { count: fill === null ? 0 : statistics.nullCount, mean: fill ?? 0, squares: 0 };
      const all = mergeMoments(present, nulls);
      const filled = nulls.count > 0 && fill !== null;
      const minimum = filled ? Math.min(statistics.minimum, fill) : statistics.minimum;
      const maximum = filled ? Math.max(statistics.maximum, fill) : statistics.maximum;
      const sorted = (): Float64Array => withFills(statistics.sorted(), nulls);
      const scaled = scaling(settings.scale, all, minimum, maximum, sorted);
      const reach = scaled.ranks ? maximum - minimum : scaled.scale;
      if (!Number.isFinite(scaled.center) || !Number.isFinite(reach)) throw unscalable(name, statistics);
      const isFeature = (value: number): boolean =>
        Number.isFinite(Math.fround((value - scaled.center) / scaled.scale)) || scaled.ranks !== undefined;
      if (!isFeature(minimum) || !isFeature(maximum)) throw beyondFloat32(name, settings.scale, statistics);
      return {
        ...{ name, type: 'number', format, fill, ...scaled },
        ...(clip ? { clip } : {}),
        ...(flag ? { flag } : {}),
        ...(settings.indicator && missing > 0 ? { indicator: true } : {}),
      };
    },
  };
}

/** Sorted values with what missing ones were filled with. */
function withFills(sorted: Float64Array, { count, mean }: { count: number; mean: number }): Float64Array {
  if (count === 0) return sorted;
  const all = new Float64Array(sorted.length + count).fill(mean);
  all.set(sorted);
  return all.sort();
}

function scaling(
  kind: ColumnSettings['scale'],
  moments: { count: number; mean: number; squares: number },
  minimum: number,
  maximum: number,
  sorted: () => Float64Array,
): Pick<NumberColumnPlan, 'center' | 'scale' | 'ranks'> {
  switch (kind) {
    case 'none':
      return { center: 0, scale: 1 };
    case 'minMax':
      return { center: minimum, scale: maximum - minimum || 1 };
    case 'standard':
      return { center: moments.mean, scale: Math.sqrt(moments.squares / moments.count) || 1 };
    case 'robust': {
      const values = sorted();
      return { center: quantile(values, 0.5), scale: quantile(values, 0.75) - quantile(values, 0.25) || 1 };
    }
    case 'quantile':
    case 'quantileNormal':
      return { center: 0, scale: 1, ranks: fitRanks(sorted(), kind === 'quantileNormal') };
  }
}

function fillNumber(
  column: NumberColumn,
  statistics: NumberStatistics,
  { missing, fill }: ColumnSettings,
): number | null {
  const { name } = column;
  switch (missing) {
    case 'drop':
      return null;
    case 'mean':
    // Rows without a neighbor.
    case 'knn':
      return statistics.moments().mean;
    case 'median':
      return statistics.median();
    case 'mode':
      return statistics.mode();
    case 'constant':
      return typeof fill === 'number' ? fill : writtenFill(column, String(fill));
    case 'category':
      throw settingError(name, 'missing', missing, `Column ${name} holds numbers; missing: category is for text.`);
  }
}

/** The number that a fill stands for which is written as the cells of the column are. */
function writtenFill(column: NumberColumn, fill: string): number {
  const type = typeName(column);
  const value = type === 'number' ? Number.NaN : valueReader(column.format)(fill, false);
  if (!Number.isNaN(value)) return value;
  const name = rawName(column);
  const what = type === 'number' ? 'text' : JSON.stringify(fill);
  throw settingError(name, 'fill', fill, `Column ${name} holds ${type}s, but its fill is ${what}.`, FILLS[type]);
}

/** What to write as the fill of a column, by its type. */
const FILLS: Readonly<Record<string, string>> = {
  number: 'Give a number, without quotes.',
  boolean: 'Give true or false.',
  date: 'Give a date, written as the cells of the column are.',
};

function textFitter(column: TextColumn, settings: ColumnSettings, maxCategories: number): TextFitter {
  const { name } = column;
  const counts = new Map<string, number>();
  let nullCount = 0;
  let valueCount = 0;
  return {
    column,
    add({ cells, codes }, training) {
      const met = new Uint32Array(cells.length);
      for (const row of training) met[codes[row]!]!++;
      cells.forEach((cell, code) => {
        const rows = met[code]!;
        if (rows === 0) return;
        if (cell === null) {
          nullCount += rows;
          return;
        }
        const category = textInput(cell);
        const count = counts.get(category);
        if (count !== undefined || counts.size <= MAX_COUNTED_CATEGORIES) counts.set(category, (count ?? 0) + rows);
        valueCount += rows;
      });
    },
    plan() {
      if (counts.size === 0) throw emptyColumn(name);
      const fill = fillText(name, counts, nullCount, settings);
      if (fill !== null && nullCount > 0) counts.set(fill, (counts.get(fill) ?? 0) + nullCount);
      const { encode, unknown, indicator, minFrequency } = settings;
      const { frequent, rare } = byFrequency(counts, minFrequency, valueCount + nullCount);
      if (frequent.length > maxCategories || counts.size > MAX_COUNTED_CATEGORIES) {
        throw tooManyCategories(name, counts.size, `${valueCount} training rows`, maxCategories);
      }
      return {
        ...{ name, type: 'text', fill, categories: frequent, encode, unknown },
        ...(settings.missing === 'drop' ? { drop: true } : {}),
        ...(rare.length > 0 ? { rare } : {}),
        ...(indicator && nullCount > 0 && settings.missing !== 'category' ? { indicator: true } : {}),
      };
    },
  };
}

/** Categories met often enough, and the others, each in code-unit order; missing cells are no rare category. */
function byFrequency(
  counts: ReadonlyMap<string, number>,
  minFrequency: number,
  rowCount: number,
): { readonly frequent: readonly string[]; readonly rare: readonly string[] } {
  const least = minFrequency < 1 ? minFrequency * rowCount : minFrequency;
  const names = [...counts.keys()].sort(byCodeUnits);
  const isRare = (name: string): boolean => name !== MISSING_TEXT && counts.get(name)! < least;
  return { frequent: names.filter((name) => !isRare(name)), rare: names.filter(isRare) };
}

function fillText(
  name: string,
  counts: ReadonlyMap<string, number>,
  nullCount: number,
  { missing, fill }: ColumnSettings,
): string | null {
  switch (missing) {
    case 'drop':
      return null;
    case 'category':
      return nullCount > 0 ? MISSING_TEXT : null;
    case 'mode':
      return [...counts].sort(([a, aCount], [b, bCount]) => bCount - aCount || byCodeUnits(a, b))[0]![0];
    case 'constant':
      return textInput(String(fill));
    case 'mean':
    case 'median':
    case 'knn':
      throw settingError(name, 'missing', missing, `Column ${name} holds text; missing: ${missing} is for numbers.`);
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function emptyColumn(name: string): LockstepError {
  return new LockstepError('DATA_COLUMN_EMPTY', {
    message: `Column ${name} has no values in the training rows.`,
    field: name,
    fix: `Add ${name} to data.ignore, or fill it.`,
  });
}

function unscalable(name: string, { minimum, maximum }: NumberStatistics): LockstepError {
  return new LockstepError('DATA_VALUE', {
    message: `Column ${name} reaches from ${minimum} to ${maximum}: too far for its statistics in float64.`,
    field: name,
    value: String(maximum),
    fix: `Mend the values, or add ${name} to data.ignore.`,
  });
}

function beyondFloat32(
  name: string,
  scale: ColumnSettings['scale'],
  { minimum, maximum }: NumberStatistics,
): LockstepError {
  return new LockstepError('DATA_VALUE', {
    message: `Column ${name} reaches from ${minimum} to ${maximum}: with scale: ${scale} that is beyond float32, in which features are.`,
    field: name,
    value: String(Math.abs(minimum) > Math.abs(maximum) ? minimum : maximum),
    fix: `Set scale: standard or minMax for ${name}, or mend the values.`,
  });
}

function settingError(name: string, key: string, value: string, message: string, fix?: string): LockstepError {
  const field = `preprocess.columns.${name}.${key}`;
  return new LockstepError('SPEC_CONTRADICTION', { message, field, value, fix: fix ?? `Remove or change ${field}.` });
}
