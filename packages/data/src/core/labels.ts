/** The label column: class names in index order, or numbers; the same rule at training and for every later table. */
import { LockstepError } from '@lockstep/protocol/core';
import type { DataSpec, Task } from '@lockstep/spec';
import { CELL_KINDS, type CellKind, classifyCell } from './cell-kind.js';
import type { CellSample, ColumnScan, LineOf } from './column-scan.js';
import { placeOf } from './column-type.js';

/** Classes that a message shows. */
const SHOWN_CLASSES = 10;
/** Kinds of cells that are numbers to predict. */
const TARGETS: ReadonlySet<CellKind> = new Set(['number', 'code', 'inexact']);

/** How labels are read. */
export type LabelRule = Omit<DataSpec['labels'], 'positive'>;

/** A label as it stands in the data, with the rows that hold it. */
export interface LabelCount {
  readonly text: string;
  readonly count: number;
}

/** A label without what its rule does not look at. */
export function spellingOf(cell: string, { trim }: LabelRule): string {
  return trim ? cell.trim() : cell;
}

/** What two labels of the same class have in common. */
export function classKey(spelling: string, { foldCase }: LabelRule): string {
  return foldCase ? spelling.toLowerCase() : spelling;
}

/** Index of a label's class, or -1 for one that is none of the classes. */
export function classReader(classes: readonly string[], rule: LabelRule): (cell: string) => number {
  const indices = new Map(classes.map((name, index) => [classKey(name, rule), index]));
  return (cell) => indices.get(classKey(spellingOf(cell, rule), rule)) ?? -1;
}

/** Class names in index order: by value where all are numbers, else in code-unit order. */
export function orderClasses(names: Iterable<string>): string[] {
  const all = [...names];
  const numeric = all.every((name) => classifyCell(name) === 'number');
  return all.sort((a, b) => (numeric ? Number(a) - Number(b) : 0) || (a < b ? -1 : a > b ? 1 : 0));
}

/** The same two classes with the positive one second. @throws LockstepError DATA_LABEL where it is no class */
export function withPositive(label: string, classes: readonly string[], positive: string, rule: LabelRule): string[] {
  const index = classReader(classes, rule)(positive);
  if (index >= 0) return [...classes.filter((_, at) => at !== index), classes[index]!];
  const shown = classes.slice(0, SHOWN_CLASSES).map((name) => JSON.stringify(name));
  throw new LockstepError('DATA_LABEL', {
    message: `data.labels.positive is ${JSON.stringify(positive)}, but the label ${label} has the classes ${shown.join(', ')}.`,
    field: 'data.labels.positive',
    value: positive,
    fix: `Use one of ${shown.join(', ')}.`,
  });
}

/** Refuses classes that do not fit the task. @param classes most frequent first @throws LockstepError DATA_LABEL */
export function checkClasses(label: string, task: Task, classes: readonly LabelCount[]): void {
  const shown = classes
    .slice(0, SHOWN_CLASSES)
    .map(({ text, count }) => `${JSON.stringify(text)} ${count}`)
    .join(', ');
  if (classes.length < 2) {
    throw labelError(
      label,
      `The label ${label} has only one class: ${shown}.`,
      shown,
      'Give rows of at least two classes.',
    );
  }
  if (task === 'binary' && classes.length > 2) {
    throw labelError(
      label,
      `The label ${label} has ${classes.length} classes (${shown}${classes.length > SHOWN_CLASSES ? ', ...' : ''}), but binaryCrossEntropy needs two.`,
      String(classes.length),
      spellingAdvice(classes.map(({ text }) => text)) ??
        `Use loss: sparseCategoricalCrossEntropy with units: ${classes.length} and activation: softmax in the last layer.`,
    );
  }
}

/** What to do about classes that may be one in several spellings; null where there are none. */
export function spellingAdvice(classes: readonly string[]): string | null {
  const same = (key: (name: string) => string): string[] | null => {
    return groupsBy(classes, key).find(({ length }) => length > 1) ?? null;
  };
  const named = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(' and ');
  const blanks = same((name) => name.trim());
  if (blanks) return `${named(blanks)} differ only in blanks: data.labels: {trim: true} takes them off.`;
  const cases = same((name) => name.trim().toLowerCase());
  if (cases) return `${named(cases)} differ only in case: data.labels: {foldCase: true} makes them one class.`;
  const numbers = same((name) => (classifyCell(name) === 'number' ? String(Number(name)) : name));
  return numbers ? `${named(numbers)} are one number: write it in one way.` : null;
}

/** Items with the same key, in the order met. */
export function groupsBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}

/**
 * Refuses missing labels and, for a regression, labels that are no finite numbers.
 * @param tooLarge the first number that float32 cannot hold
 * @throws LockstepError DATA_LABEL
 */
export function checkLabelCells(scan: ColumnScan, task: Task, tooLarge: CellSample | null, lineOf: LineOf): void {
  const { name, nullCount, nullRows, first } = scan;
  const unusable = CELL_KINDS.flatMap((kind) => (TARGETS.has(kind) ? [] : (first[kind] ?? [])));
  const wrong = task === 'regression' ? unusable.sort((a, b) => a.row - b.row) : [];
  const problems = wrong.map(
    (sample) => `${JSON.stringify(sample.text)} in ${placeOf(sample.row, lineOf)} is not a finite number`,
  );
  if (tooLarge) problems.push(`${tooLarge.text} in ${placeOf(tooLarge.row, lineOf)} is beyond the range of float32`);
  if (nullCount > 0) problems.unshift(`it is missing in ${placesOf(nullRows, nullCount, lineOf)}`);
  if (problems.length === 0) return;
  const mend =
    wrong.length > 0 || tooLarge
      ? 'Mend the cells, or use a loss for classes.'
      : 'Fill the cells. Where the text of a cell is a class, take it out of data.nulls.';
  throw labelError(
    name,
    `The label ${name} cannot be used: ${problems.join('; ')}.`,
    wrong[0]?.text ?? tooLarge?.text ?? `${nullCount} missing`,
    `${mend} data.labels: {onUnusable: drop} leaves such rows out.`,
  );
}

/** Says how many rows were left out for want of a label. */
export function droppedWarning(label: string, rows: readonly number[], count: number, lineOf: LineOf): string {
  const what = count === 1 ? '1 row has' : `${count} rows have`;
  return `${what} no usable label ${label} and ${count === 1 ? 'is' : 'are'} left out: ${placesOf(rows, count, lineOf)}.`;
}

/** The first of `count` rows, by number and line. */
function placesOf(rows: readonly number[], count: number, lineOf: LineOf): string {
  const rest = count > rows.length ? ` and ${count - rows.length} more` : '';
  return `${rows.map((row) => placeOf(row, lineOf)).join(', ')}${rest}`;
}

/** An error of the label column. */
export function labelError(label: string, message: string, value: string, fix: string): LockstepError {
  return new LockstepError('DATA_LABEL', { message, field: label, value, fix });
}
