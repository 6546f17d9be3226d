/** Picks the training rows that missing numbers are filled from. */
import { LockstepError, permutation, RandomPurpose } from '@lockstep/protocol/core';
import { NumberStatistics } from './core/aggregates.js';
import { rawName, typeName } from './core/cell-format.js';
import type { Neighbors } from './core/neighbors.js';
import { cut } from './core/outliers.js';
import { settingsOf } from './core/plan.js';
import type { OutlierFit } from './fit-outliers.js';
import { MAX_NEIGHBOR_COLUMNS, MAX_REFERENCE_ROWS } from './limits.js';
import type { PrepareRequest } from './prepare-request.js';
import type { TableScan } from './scan-table.js';
import type { TableColumns } from './table-source.js';
import { eachTrainingRow, numericColumns, trainingRows } from './training-numbers.js';

/** Fits `missing: knn`; null where no column has it. @throws LockstepError DATA_TOO_LARGE */
export async function fitNeighbors(
  table: TableColumns,
  scan: TableScan,
  parts: Uint8Array,
  spec: PrepareRequest['spec'],
  outliers: OutlierFit,
): Promise<Neighbors | null> {
  const { preprocess, split } = spec;
  const columns = numericColumns(scan);
  const filled = columns.filter(
    (column) => settingsOf(preprocess, rawName(column), typeName(column)).missing === 'knn',
  );
  if (filled.length === 0) return null;
  if (columns.length > MAX_NEIGHBOR_COLUMNS) throw tooManyColumns(columns.length);
  const clips = columns.map(({ name }) => outliers.clip.get(name));
  const statistics = columns.map(() => new NumberStatistics(false));
  const isReference = drawRows(split.seed, trainingRows(parts));
  const rows: (number | null)[][] = [];
  let index = 0;
  await eachTrainingRow(table, columns, parts, (numbers) => {
    const values = Array.from(numbers, (value, at) => {
      const clip = clips[at];
      return Number.isNaN(value) ? null : clip ? cut(clip, value) : value;
    });
    values.forEach((value, at) => {
      statistics[at]!.add(value);
    });
    if (isReference[index++] === 1) rows.push(values);
  });
  const deviations = statistics.map((found) => {
    const { count, squares } = found.moments();
    return Math.sqrt(squares / count) || 1;
  });
  const nameOf = ({ name }: { readonly name: string }): string => name;
  return { count: preprocess.neighbors, columns: columns.map(nameOf), deviations, filled: filled.map(nameOf), rows };
}

/** 1 for each row that is drawn: all of them where they are few. */
function drawRows(seed: number, rowCount: number): Uint8Array {
  const drawn = new Uint8Array(rowCount);
  if (rowCount <= MAX_REFERENCE_ROWS) return drawn.fill(1);
  for (const row of permutation(seed, RandomPurpose.neighbors, 0, rowCount).subarray(0, MAX_REFERENCE_ROWS)) {
    drawn[row] = 1;
  }
  return drawn;
}

function tooManyColumns(count: number): LockstepError {
  return new LockstepError('DATA_TOO_LARGE', {
    message: `missing: knn compares rows by ${count} numeric columns, at most ${MAX_NEIGHBOR_COLUMNS}.`,
    field: 'preprocess.missing',
    value: String(count),
    fix: 'Use median, or add columns to data.ignore.',
  });
}
