/** Second pass: fits the preprocessing on training rows only. */
import { LockstepError } from '@lockstep/protocol/core';
import type { ResolvedJobSpec } from '@lockstep/spec';
import { tooManyCategories } from './column-errors.js';
import { mergeMoments, NumberStatistics } from './core/aggregates.js';
import { rawName, typeName, valueReader } from './core/cell-format.js';
import { columnNumbers } from './core/column-values.js';
import { type ColumnPlan, type ColumnSettings, type PreprocessingPlan, settingsOf, textWidth } from './core/plan.js';
import { Part } from './core/split.js';
import { MISSING_TEXT, textInput } from './core/text-cell.js';
import { MAX_COUNTED_CATEGORIES, MAX_FEATURES } from './limits.js';
import { type NumberColumn, numberFormat, type RawColumn, type TableScan, type TextColumn } from './scan-table.js';
import type { TableChunk, TableSource } from './table-source.js';

type FitParts = Pick<ResolvedJobSpec, 'data' | 'preprocess'>;

interface Fitter {
  /** Takes the training rows of a chunk. */
  add(chunk: TableChunk, isTraining: (row: number) => boolean): void;
  plan(): ColumnPlan;
}

/** Fits every column. @throws LockstepError DATA_COLUMN_EMPTY, DATA_TOO_MANY_CATEGORIES */
export async function fitPreprocessing(
  table: TableSource,
  scan: TableScan,
  parts: Uint8Array,
  spec: FitParts,
): Promise<PreprocessingPlan> {
  const fitters = scan.columns.map((column) => {
    checkSettings(spec.preprocess, column);
    const settings = settingsOf(spec.preprocess, rawName(column), typeName(column));
    return column.type === 'number'
      ? numberFitter(column, settings)
      : textFitter(column, settings, spec.preprocess.maxCategories);
  });
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const start = firstRow;
    const isTraining = (row: number): boolean => parts[start + row] === Part.train;
    for (const fitter of fitters) fitter.add(chunk, isTraining);
    firstRow += chunk.rowCount;
  }
  const columns = fitters.map((fitter) => fitter.plan());
  checkWidth(columns);
  const { positive: _order, ...labels } = spec.data.labels;
  return { columns, label: spec.data.label, labels, nulls: spec.data.nulls, numbers: numberFormat(spec) };
}

function checkWidth(columns: readonly ColumnPlan[]): void {
  const widthOf = (column: ColumnPlan): number => (column.type === 'text' ? textWidth(column) : 1);
  const width = columns.reduce((sum, column) => sum + widthOf(column), 0);
  if (width <= MAX_FEATURES) return;
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
  const own = spec.columns[name] ?? {};
  const { missing } = settingsOf(spec, name, type);
  if (own.fill !== undefined && missing !== 'constant') {
    throw settingError(name, 'fill', String(own.fill), `Column ${name} has a fill, but missing: ${missing}.`);
  }
  if (own.dateParts !== undefined && type !== 'date') {
    const message = `Column ${name} holds ${type}${type === 'text' ? '' : 's'}, but dateParts is for dates.`;
    throw settingError(name, 'dateParts', own.dateParts.join(', '), message);
  }
  if (type === 'text') {
    if (own.scale === undefined) return;
    throw settingError(name, 'scale', own.scale, `Column ${name} holds text, which is not scaled.`);
  }
  const key = own.encode === undefined ? 'unknown' : 'encode';
  const value = own[key];
  if (value === undefined) return;
  const fix = `Remove it, or make the ${type}s categories with data.types: {${name}: text}.`;
  throw settingError(name, key, value, `Column ${name} holds ${type}s, but ${key} is for text.`, fix);
}

function numberFitter(column: NumberColumn, settings: ColumnSettings): Fitter {
  const { name, format } = column;
  const read = valueReader(format);
  const statistics = new NumberStatistics(settings.missing === 'median' || settings.missing === 'mode');
  return {
    add(chunk, isTraining) {
      columnNumbers(chunk, column, read).forEach((value, row) => {
        if (isTraining(row)) statistics.add(Number.isNaN(value) ? null : value);
      });
    },
    plan() {
      const present = statistics.moments();
      if (present.count === 0) throw emptyColumn(name);
      const fill = fillNumber(name, statistics, settings);
      const nulls = { count: fill === null ? 0 : statistics.nullCount, mean: fill ?? 0, squares: 0 };
      const all = mergeMoments(present, nulls);
      const filled = nulls.count > 0 && fill !== null;
      const minimum = filled ? Math.min(statistics.minimum, fill) : statistics.minimum;
      const maximum = filled ? Math.max(statistics.maximum, fill) : statistics.maximum;
      const scaled = scaling(settings.scale, all, minimum, maximum);
      if (!Number.isFinite(scaled.center) || !Number.isFinite(scaled.scale)) throw unscalable(name, statistics);
      return { name, type: 'number', format, fill, ...scaled };
    },
  };
}

function scaling(
  kind: ColumnSettings['scale'],
  moments: { count: number; mean: number; squares: number },
  minimum: number,
  maximum: number,
): { center: number; scale: number } {
  if (kind === 'none') return { center: 0, scale: 1 };
  if (kind === 'minMax') return { center: minimum, scale: maximum - minimum || 1 };
  return { center: moments.mean, scale: Math.sqrt(moments.squares / moments.count) || 1 };
}

function fillNumber(name: string, statistics: NumberStatistics, { missing, fill }: ColumnSettings): number | null {
  switch (missing) {
    case 'drop':
      return null;
    case 'mean':
      return statistics.moments().mean;
    case 'median':
      return statistics.median();
    case 'mode':
      return statistics.mode();
    case 'constant':
      if (typeof fill === 'number') return fill;
      throw settingError(name, 'fill', String(fill), `Column ${name} holds numbers, but its fill is text.`);
    case 'category':
      throw settingError(name, 'missing', missing, `Column ${name} holds numbers; missing: category is for text.`);
  }
}

function textFitter(column: TextColumn, settings: ColumnSettings, maxCategories: number): Fitter {
  const { name } = column;
  const counts = new Map<string, number>();
  let nullCount = 0;
  let valueCount = 0;
  return {
    add(chunk, isTraining) {
      for (let row = 0; row < chunk.rowCount; row++) {
        if (!isTraining(row)) continue;
        const cell = chunk.text(column.index, row);
        if (cell === null) {
          nullCount++;
          continue;
        }
        const category = textInput(cell);
        const count = counts.get(category);
        if (count !== undefined || counts.size <= MAX_COUNTED_CATEGORIES) counts.set(category, (count ?? 0) + 1);
        valueCount++;
      }
    },
    plan() {
      if (counts.size === 0) throw emptyColumn(name);
      if (counts.size > maxCategories)
        throw tooManyCategories(name, counts.size, `${valueCount} training rows`, maxCategories);
      const fill = fillText(name, counts, nullCount, settings);
      const categories = new Set(counts.keys());
      if (fill !== null && nullCount > 0) categories.add(fill);
      const { encode, unknown } = settings;
      return { name, type: 'text', fill, categories: [...categories].sort(byCodeUnits), encode, unknown };
    },
  };
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

function settingError(name: string, key: string, value: string, message: string, fix?: string): LockstepError {
  const field = `preprocess.columns.${name}.${key}`;
  return new LockstepError('SPEC_CONTRADICTION', { message, field, value, fix: fix ?? `Remove or change ${field}.` });
}
