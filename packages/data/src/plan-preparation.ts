/** All that is decided before a shard is written: types, labels, the parts of the rows, the preprocessing. */
import { LockstepError } from '@lockstep/protocol/core';
import { badCellsError, rejectBadCells } from './bad-cells.js';
import { checkClassCoverage } from './class-coverage.js';
import { rawName, typeName } from './core/cell-format.js';
import { isPlain } from './core/column-values.js';
import { type PreprocessingPlan, settingsOf } from './core/plan.js';
import { Part, splitRows } from './core/split.js';
import { classWeights } from './core/weights.js';
import { fitPreprocessing } from './fit.js';
import { fitOutliers } from './fit-outliers.js';
import type { PrepareRequest } from './prepare-request.js';
import type { RejectSink } from './rejects.js';
import type { RawColumn, TableScan } from './scan-table.js';
import { readSplitKeys } from './split-keys.js';
import type { TableChunk, TableColumns } from './table-source.js';
import { checkTrainingWeights } from './training-weights.js';

/** What a table becomes. */
export interface PreparationPlan {
  /** Part of each row, as of `Part`. */
  readonly parts: Uint8Array;
  readonly preprocessing: PreprocessingPlan;
  /** Weight of each class in index order; null without class weights. */
  readonly classWeights: readonly number[] | null;
  /** What a user should know about types and classes. */
  readonly warnings: readonly string[];
}

/** Decides, once types are known. @param skipTo takes rows with a bad cell, null refuses them. @throws LockstepError of everything that data can have wrong */
export async function planPreparation(
  table: TableColumns,
  scan: TableScan,
  spec: PrepareRequest['spec'],
  skipTo: RejectSink | null,
): Promise<PreparationPlan> {
  if (!skipTo && scan.problems.length > 0) throw await badCellsError(table, scan.checks, scan.problems);
  const rejected = skipTo && (await rejectBadCells(table, scan, skipTo));
  const parts = await divide(table, scan, spec, rejected);
  const outliers = await fitOutliers(table, scan, parts, spec);
  const coverage = checkClassCoverage(spec.data.label, scan, parts);
  const preprocessing = await fitPreprocessing(table, scan, parts, spec, outliers);
  const weights = weightsOfClasses(scan, parts, spec);
  await checkTrainingWeights(table, scan, parts, spec, weights);
  const warnings = [...scan.warnings, ...outliers.warnings, ...coverage];
  return { parts, preprocessing, classWeights: weights, warnings };
}

function weightsOfClasses({ labels, classes }: TableScan, parts: Uint8Array, { data, train }: PrepareRequest['spec']) {
  const { classWeights: weights } = train;
  if (weights === undefined || !labels || !classes) return null;
  const counts = labels.map(() => 0);
  parts.forEach((part, row) => {
    if (part === Part.train) counts[classes[row]!]!++;
  });
  return classWeights({ weights, label: data.label, rule: data.labels, classes: labels, counts });
}

async function divide(
  table: TableColumns,
  scan: TableScan,
  spec: PrepareRequest['spec'],
  rejected: Uint8Array | null,
): Promise<Uint8Array> {
  const dropped = await rowsToDrop(table, scan, spec);
  const parts = splitRows({
    test: spec.split.test,
    validation: spec.split.validation,
    seed: spec.split.seed,
    classes: spec.split.stratify ? scan.classes : null,
    ...(await readSplitKeys(table, scan, spec)),
    kept: (row) => dropped?.[row] !== 1 && rejected?.[row] !== 1 && !scan.unlabelled.has(row),
    rowCount: scan.rowCount,
  });
  if (!parts.includes(Part.train)) {
    throw new LockstepError('DATA_EMPTY', {
      message: `No rows are left for training (${scan.rowCount} in the file).`,
      field: 'split',
      value: String(scan.rowCount),
      fix: 'Give more rows, lower split.test, or do not drop rows with missing values.',
    });
  }
  return parts;
}

/** Rows with a missing cell in a column whose strategy is to drop them; null where no column has it. */
async function rowsToDrop(
  table: TableColumns,
  scan: TableScan,
  spec: PrepareRequest['spec'],
): Promise<Uint8Array | null> {
  const strict = scan.columns.filter(
    (column) => settingsOf(spec.preprocess, rawName(column), typeName(column)).missing === 'drop',
  );
  if (strict.length === 0) return null;
  const dropped = new Uint8Array(scan.rowCount);
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    for (const column of strict) {
      const isMissing = missingCheck(chunk, column);
      for (let row = 0; row < chunk.rowCount; row++) if (isMissing(row)) dropped[firstRow + row] = 1;
    }
    firstRow += chunk.rowCount;
  }
  return dropped;
}

/** Says of a row whether its cell is missing; among numbers the empty text is too. */
function missingCheck(chunk: TableChunk, column: RawColumn): (row: number) => boolean {
  const { index, type } = column;
  if (type === 'number' && isPlain(column.format)) {
    const numbers = chunk.numbers(index);
    return (row) => Number.isNaN(numbers[row]) && !chunk.text(index, row);
  }
  const { cells, codes } = chunk.coded(index);
  return (row) => {
    const cell = cells[codes[row]!]!;
    return cell === null || (cell === '' && type === 'number');
  };
}
