/** The fitted preprocessing: everything that turns raw columns into features, as plain JSON. */
import type { PreprocessSpec } from '@lockstep/spec';
import { type CellFormat, type ColumnType, rawName } from './cell-format.js';
import type { LabelRule } from './labels.js';
import type { NumberFormat } from './number.js';
import { categoryName, MISSING_TEXT } from './text-cell.js';

/** A numeric column: missing becomes `fill`, then (x - center) / scale in float64, then float32. */
export interface NumberColumnPlan {
  readonly name: string;
  readonly type: 'number';
  /** How its cells become numbers. */
  readonly format: CellFormat;
  /** Value of a missing cell; null where rows with one are dropped, so that it stays missing. */
  readonly fill: number | null;
  readonly center: number;
  readonly scale: number;
}

/** A text column as one-hot columns or one ordinal column. Cells and categories stand as of `textInput`. */
export interface TextColumnPlan {
  readonly name: string;
  readonly type: 'text';
  /** Category of a missing cell; null where it is treated like an unknown one. */
  readonly fill: string | null;
  /** In code-unit order, that of missing cells first, then that of the empty text. */
  readonly categories: readonly string[];
  readonly encode: 'oneHot' | 'ordinal';
  readonly unknown: 'ignore' | 'error' | 'other';
}

/** One raw column. */
export type ColumnPlan = NumberColumnPlan | TextColumnPlan;

/** The whole table: numeric columns come first among the features, then text columns, each in file order. */
export interface PreprocessingPlan {
  /** Raw feature columns in file order, one with several parts of a date once for each. */
  readonly columns: readonly ColumnPlan[];
  readonly label: string;
  /** How labels are read. */
  readonly labels: LabelRule;
  /** Spellings of a missing value in unquoted cells. */
  readonly nulls: readonly string[];
  /** How numbers are written. */
  readonly numbers: NumberFormat;
}

/** Strategies of one column after its own settings and those of the table. */
export interface ColumnSettings {
  readonly missing: 'drop' | 'mean' | 'median' | 'mode' | 'constant' | 'category';
  readonly fill: number | string;
  readonly scale: 'standard' | 'minMax' | 'none';
  readonly encode: 'oneHot' | 'ordinal';
  readonly unknown: 'ignore' | 'error' | 'other';
}

/** Settings of a column: its own first, then the table's. Booleans are 0 and 1, and stay so unless asked for by name. */
export function settingsOf(spec: PreprocessSpec, name: string, type: ColumnType): ColumnSettings {
  const own = spec.columns[name] ?? {};
  return {
    missing: own.missing ?? (type === 'text' ? spec.missingText : spec.missing),
    fill: own.fill ?? (type === 'text' ? spec.fillText : spec.fill),
    scale: own.scale ?? (type === 'boolean' ? 'none' : spec.scale),
    encode: own.encode ?? spec.encode,
    unknown: own.unknown ?? spec.unknown,
  };
}

/** One column for each input of the model, in file order: parts of a date are taken from the same input. */
export function inputsOf(plan: PreprocessingPlan): readonly ColumnPlan[] {
  const seen = new Set<string>();
  return plan.columns.filter((column) => {
    const name = rawName(column);
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/** Numeric columns of a plan, in file order. */
export function numberColumns(plan: PreprocessingPlan): readonly NumberColumnPlan[] {
  return plan.columns.filter((column) => column.type === 'number');
}

/** Text columns of a plan, in file order. */
export function textColumns(plan: PreprocessingPlan): readonly TextColumnPlan[] {
  return plan.columns.filter((column) => column.type === 'text');
}

/** Features that a text column becomes. */
export function textWidth(column: TextColumnPlan): number {
  if (column.encode === 'ordinal') return 1;
  return column.categories.length + (column.unknown === 'other' ? 1 : 0);
}

/** Names of the features in order, for example `age` or `wood=oak`. */
export function featureNames(plan: PreprocessingPlan): string[] {
  const text = textColumns(plan).flatMap((column) => {
    if (column.encode === 'ordinal') return [column.name];
    const named = column.categories.map((category) => `${column.name}=${categoryName(category)}`);
    return column.unknown === 'other' ? [...named, `${column.name}=(other)`] : named;
  });
  return [...numberColumns(plan).map((column) => column.name), ...text];
}

/** Position of a text cell among the categories: -1 for unknown and ignored, the number of categories for other. */
export function categoryIndex(column: TextColumnPlan, positions: ReadonlyMap<string, number>, text: string): number {
  const cell = text === MISSING_TEXT && column.fill !== null ? column.fill : text;
  return positions.get(cell) ?? (column.unknown === 'other' ? column.categories.length : -1);
}

/** Position of each category. */
export function categoryPositions(column: TextColumnPlan): ReadonlyMap<string, number> {
  return new Map(column.categories.map((category, index) => [category, index]));
}
