/** The label column: class names in index order, or numbers. */
import { LockstepError } from '@lockstep/protocol/core';
import type { Task } from '@lockstep/spec';
import { type ColumnScan, type LineOf, placeOf } from './column-scan.js';
import { classifyCell } from './number.js';

/** Class names in index order: by value where all are numbers, else in code-unit order. */
export function orderClasses(names: Iterable<string>): string[] {
  const all = [...names];
  const numeric = all.every((name) => classifyCell(name) === 'number');
  return all.sort((a, b) => (numeric ? Number(a) - Number(b) : 0) || (a < b ? -1 : a > b ? 1 : 0));
}

/** Refuses classes that do not fit the task. @throws LockstepError DATA_LABEL */
export function checkClasses(label: string, task: Task, classes: readonly string[]): void {
  const shown = classes
    .slice(0, 10)
    .map((name) => JSON.stringify(name))
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
      `The label ${label} has ${classes.length} classes (${shown}${classes.length > 10 ? ', ...' : ''}), but binaryCrossEntropy needs two.`,
      String(classes.length),
      differInSpelling(classes)
        ? 'Some differ only in blanks or case: spell each class in one way.'
        : `Use loss: sparseCategoricalCrossEntropy with units: ${classes.length} and activation: softmax in the last layer.`,
    );
  }
}

function differInSpelling(classes: readonly string[]): boolean {
  return new Set(classes.map((name) => name.trim().toLowerCase())).size < classes.length;
}

/** Refuses missing labels and, for a regression, labels that are no finite numbers. @throws LockstepError DATA_LABEL */
export function checkLabelCells(scan: ColumnScan, task: Task, lineOf: LineOf): void {
  const { name, nullCount, nullRows, first } = scan;
  const { text, comma, infinite, tooLarge } = first;
  const wrong = task === 'regression' ? [text, comma, infinite, tooLarge].filter((sample) => sample !== undefined) : [];
  const problems = wrong.map(
    (sample) => `${JSON.stringify(sample.text)} in ${placeOf(sample.row, lineOf)} is not a finite number`,
  );
  if (nullCount > 0) {
    const places = nullRows.map((row) => placeOf(row, lineOf)).join(', ');
    const rest = nullCount > nullRows.length ? ` and ${nullCount - nullRows.length} more` : '';
    problems.unshift(`it is missing in ${places}${rest}`);
  }
  if (problems.length === 0) return;
  throw labelError(
    name,
    `The label ${name} cannot be used: ${problems.join('; ')}.`,
    wrong[0]?.text ?? `${nullCount} missing`,
    wrong.length > 0
      ? 'Mend the cells, remove their rows, or use a loss for classes.'
      : 'Fill the cells, or remove their rows. Where the text of a cell is a class, take it out of data.nulls.',
  );
}

/** An error of the label column. */
export function labelError(label: string, message: string, value: string, fix: string): LockstepError {
  return new LockstepError('DATA_LABEL', { message, field: label, value, fix });
}
