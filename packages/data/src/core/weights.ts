/** How much rows weigh in training: a column of the table, times the weight of their class. */
import { LockstepError } from '@lockstep/protocol/core';
import type { TrainSpec } from '@lockstep/spec';
import type { LineOf } from './column-scan.js';
import { placeOf } from './column-type.js';
import { classReader, type LabelRule, labelError } from './labels.js';
import { type NumberFormat, parseNumber } from './number.js';

/** A weight as the shards keep it: from 0 on and within float32; NaN for a cell that is none. */
export function parseWeight(cell: string | null, numbers: NumberFormat): number {
  const weight = cell ? parseNumber(cell, numbers) : Number.NaN;
  return weight >= 0 && Number.isFinite(Math.fround(weight)) ? weight : Number.NaN;
}

/** The error for a row without a weight. */
export function noWeight(column: string, cell: string | null, row: number, lineOf: LineOf): LockstepError {
  const what = cell ? `${JSON.stringify(cell)} is no number from 0 on` : 'the cell is missing';
  return new LockstepError('DATA_VALUE', {
    message: `Column ${column}, ${placeOf(row, lineOf)}: ${what}, but data.weight weighs the rows by it.`,
    field: column,
    value: cell ?? '',
    fix: 'Write a number from 0 on; 0 leaves the row without influence.',
  });
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
