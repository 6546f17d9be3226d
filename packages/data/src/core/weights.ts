/** How much rows weigh in training: a column of the table, times the weight of their class. */
import { LockstepError } from '@lockstep/protocol/core';
import type { TrainSpec } from '@lockstep/spec';
import type { TableChunk } from '../table-source.js';
import type { LineOf } from './column-scan.js';
import { placeOf } from './column-type.js';
import { plainNumbers } from './column-values.js';
import { classReader, type LabelRule, labelError } from './labels.js';
import type { NumberFormat } from './number.js';

/** What is wrong with a weight; null where nothing is. @param weight the number of the cell, NaN where it holds none */
export function weightFault(
  cell: string | null,
  weight: number,
): { readonly kind: string; readonly what: string } | null {
  if (!cell) return { kind: 'missingWeight', what: 'is missing, and data.weight weighs the rows by it' };
  if (!(weight >= 0)) return { kind: 'notAWeight', what: 'is no number from 0 on, as weights are' };
  if (Number.isFinite(Math.fround(weight))) return null;
  return { kind: 'tooLarge', what: 'is beyond 3.4e38, the largest number of float32, in which weights are kept' };
}

/** Counts the cells of a weight column that cannot be used, and keeps the first. */
export class WeightScan {
  badCount = 0;
  #rowCount = 0;
  #first: { readonly row: number; readonly cell: string | null; readonly what: string } | undefined;

  /** Takes the column of a chunk. */
  addColumn(chunk: TableChunk, column: number, numbers: NumberFormat): void {
    plainNumbers(chunk, column, numbers).forEach((weight, at) => {
      const cell = chunk.text(column, at);
      const fault = weightFault(cell, weight);
      if (!fault) return;
      this.badCount++;
      this.#first ??= { row: this.#rowCount + at, cell, what: fault.what };
    });
    this.#rowCount += chunk.rowCount;
  }

  /** The error for the first bad cell; null where all are weights. */
  problem(column: string, lineOf: LineOf): LockstepError | null {
    if (!this.#first) return null;
    const { row, cell, what } = this.#first;
    return new LockstepError('DATA_VALUE', {
      message: `Column ${column}, ${placeOf(row, lineOf)}: ${cell ? JSON.stringify(cell) : 'the cell'} ${what}.`,
      field: column,
      value: cell ?? '',
      fix: 'Write a number from 0 on; 0 leaves the row without influence.',
    });
  }
}

/** What class weights follow from. */
export interface ClassWeightOptions {
  readonly weights: NonNullable<TrainSpec['classWeights']>;
  readonly label: string;
  readonly rule: LabelRule;
  /** Class names in index order. */
  readonly classes: readonly string[];
  /** Training rows of each class. */
  readonly counts: readonly number[];
}

/**
 * Weight of each class in index order. `balanced` is that of scikit-learn: rows / (classes * rows of the class).
 * @throws LockstepError DATA_LABEL for a weight of a class that is not there
 */
export function classWeights({ weights, label, rule, classes, counts }: ClassWeightOptions): number[] {
  if (weights === 'balanced') {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => rows / (classes.length * count));
  }
  const found = classes.map(() => 1);
  const indexOf = classReader(classes, rule);
  for (const [name, weight] of Object.entries(weights)) {
    const index = indexOf(name);
    if (index < 0) {
      const names = classes.slice(0, 10).map((each) => JSON.stringify(each));
      const message = `train.classWeights has a weight for ${JSON.stringify(name)}, which is no class of the label ${label}.`;
      throw labelError(label, message, name, `Classes: ${names.join(', ')}.`);
    }
    found[index] = weight;
  }
  return found;
}
