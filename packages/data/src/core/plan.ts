/** The fitted preprocessing: everything that turns raw columns into features, as plain JSON. */
import { type ColumnSpec, ofColumn, type PreprocessSpec } from '@lockstep/spec';
import { type CellFormat, type ColumnType, rawName } from './cell-format.js';
import type { IsolationForest } from './isolation-forest.js';
import type { LabelRule } from './labels.js';
import type { Neighbors } from './neighbors.js';
import type { NumberFormat } from './number.js';
import type { Bounds } from './outliers.js';
import type { RankScale } from './quantiles.js';
import { categoryName, MISSING_TEXT } from './text-cell.js';

/**
 * A numeric column: cut to `clip`, missing becomes `fill`, then (x - center) / scale or its rank in float64, then
 * float32.
 */
export interface NumberColumnPlan {
  readonly name: string;
  readonly type: 'number';
  /** How its cells become numbers. */
  readonly format: CellFormat;
  /** Value of a missing cell; null where rows with one are dropped, so that it stays missing. */
  readonly fill: number | null;
  readonly center: number;
  readonly scale: number;
  /** Scales by rank, in place of center and scale. */
  readonly ranks?: RankScale;
  /** Values beyond are cut to these. */
  readonly clip?: Bounds;
  /** A feature of its own is 1 where a value lies beyond these. */
  readonly flag?: Bounds;
  /** Whether a feature of its own is 1 where the cell is missing. */
  readonly indicator?: true;
}

/** A text column as one-hot columns or one ordinal column. Cells and categories stand as of `textInput`. */
export interface TextColumnPlan {
  readonly name: string;
  readonly type: 'text';
  /** Category of a missing cell; null where it is treated like an unknown one, or where it stays missing. */
  readonly fill: string | null;
  /** Whether rows with a missing cell are dropped, so that it stays missing. */
  readonly drop?: true;
  /** In code-unit order, that of missing cells first, then that of the empty text. */
  readonly categories: readonly string[];
  /** Categories that are one, `(rare)`, after the others. */
  readonly rare?: readonly string[];
  readonly encode: 'oneHot' | 'ordinal';
  readonly unknown: 'ignore' | 'error' | 'other' | 'rare';
  /** Whether a feature of its own is 1 where the cell is missing. */
  readonly indicator?: true;
}

/** One raw column. */
export type ColumnPlan = NumberColumnPlan | TextColumnPlan;

/**
 * The whole table: numeric columns come first among the features, then text columns, then what says that a cell is
 * missing, that a number is an outlier, and that the row is one, each in file order.
 */
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
  /** Fills missing numbers from similar rows, before `fill` does. */
  readonly neighbors?: Neighbors;
  /** A feature of its own is 1 where the row is an outlier. */
  readonly forest?: IsolationForest;
}

/** Strategies of one column after its own settings and those of the table. */
export interface ColumnSettings {
  readonly missing: NonNullable<ColumnSpec['missing']>;
  readonly fill: number | string | boolean;
  readonly indicator: boolean;
  readonly scale: PreprocessSpec['scale'];
  readonly encode: PreprocessSpec['encode'];
  readonly unknown: PreprocessSpec['unknown'];
  /** Count, or fraction of the training rows below 1; 0 where no category is rare. */
  readonly minFrequency: number;
}

/** Settings of a column: its own first, then the table's. Booleans are 0 and 1, and stay so unless asked for by name. */
export function settingsOf(spec: PreprocessSpec, name: string, type: ColumnType): ColumnSettings {
  const own = ofColumn(spec.columns, name) ?? {};
  return {
    missing: own.missing ?? (type === 'text' ? spec.missingText : spec.missing),
    fill: own.fill ?? (type === 'text' ? spec.fillText : spec.fill),
    indicator: own.indicator ?? spec.indicator,
    scale: own.scale ?? (type === 'boolean' ? 'none' : spec.scale),
    encode: own.encode ?? spec.encode,
    unknown: own.unknown ?? spec.unknown,
    minFrequency: own.minFrequency ?? spec.minFrequency ?? 0,
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

/** Columns with a feature that says whether the cell is missing, numbers first. */
export function indicatedColumns(plan: PreprocessingPlan): readonly ColumnPlan[] {
  return [...numberColumns(plan), ...textColumns(plan)].filter(({ indicator }) => indicator);
}

/** Columns with a feature that says whether the number is an outlier. */
export function flaggedColumns(plan: PreprocessingPlan): readonly (NumberColumnPlan & { readonly flag: Bounds })[] {
  return numberColumns(plan).filter((column): column is NumberColumnPlan & { flag: Bounds } => Boolean(column.flag));
}

/** Features that a text column becomes. */
export function textWidth(column: TextColumnPlan): number {
  return column.encode === 'ordinal' ? 1 : positionCount(column);
}

/** Places that a text cell can take: categories, rare ones as one, unknown ones where they have their own. */
function positionCount({ categories, rare, unknown }: TextColumnPlan): number {
  return categories.length + (rare ? 1 : 0) + (unknown === 'other' ? 1 : 0);
}

/** Names of the features in order, for example `age`, `wood=oak`, `age=(missing)`, `age=(outlier)`. */
export function featureNames(plan: PreprocessingPlan): string[] {
  return [
    ...numberColumns(plan).map((column) => column.name),
    ...textColumns(plan).flatMap(textFeatureNames),
    ...indicatedColumns(plan).map(({ name }) => `${name}=(missing)`),
    ...flaggedColumns(plan).map(({ name }) => `${name}=(outlier)`),
    ...(plan.forest ? ['(outlier)'] : []),
  ];
}

function textFeatureNames({ name, categories, encode, rare, unknown }: TextColumnPlan): string[] {
  if (encode === 'ordinal') return [name];
  const values = [
    ...categories.map(categoryName),
    ...(rare ? ['(rare)'] : []),
    ...(unknown === 'other' ? ['(other)'] : []),
  ];
  return values.map((value) => `${name}=${value}`);
}

/** Position of a category not seen in training; -1 where it has none. */
export function unknownPosition(column: TextColumnPlan): number {
  if (column.unknown === 'other') return positionCount(column) - 1;
  return column.unknown === 'rare' && column.rare ? column.categories.length : -1;
}

/** Position of a text cell, given as the model takes it. */
export function categoryIndex(column: TextColumnPlan, positions: ReadonlyMap<string, number>, text: string): number {
  const cell = text === MISSING_TEXT && column.fill !== null ? column.fill : text;
  return positions.get(cell) ?? unknownPosition(column);
}

/** Position of each category that training saw. */
export function categoryPositions({ categories, rare = [] }: TextColumnPlan): ReadonlyMap<string, number> {
  return new Map([
    ...categories.map((category, index): [string, number] => [category, index]),
    ...rare.map((category): [string, number] => [category, categories.length]),
  ]);
}
