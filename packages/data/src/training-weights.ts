/** The weights of training rows: the number of their cell times the weight of their class. */
import { LockstepError } from '@lockstep/protocol/core';
import { placeOf } from './core/column-type.js';
import { plainNumbers } from './core/column-values.js';
import { Part } from './core/split.js';
import type { PrepareRequest } from './prepare-request.js';
import { numberFormat, type TableScan } from './scan-table.js';
import type { TableChunk, TableColumns } from './table-source.js';

/** The weights of the rows of a chunk. @param labels class of each row, where it has one */
export type WeightReader = (chunk: TableChunk, labels: ArrayLike<number>) => Float64Array;

/** Reads weights as shards keep them; 1 where nothing weighs the rows. */
export function weightReader(
  columns: readonly string[],
  { data }: Pick<PrepareRequest['spec'], 'data'>,
  classWeights: readonly number[] | null,
): WeightReader {
  const numbers = numberFormat({ data });
  const index = data.weight === undefined ? -1 : columns.indexOf(data.weight);
  return (chunk, labels) => {
    const own = index < 0 ? null : plainNumbers(chunk, index, numbers);
    return new Float64Array(chunk.rowCount).map((_, row) => (own?.[row] ?? 1) * (classWeights?.[labels[row]!] ?? 1));
  };
}

/** Refuses weights that train nothing, or that are no numbers of the shards. @throws LockstepError DATA_VALUE */
export async function checkTrainingWeights(
  table: TableColumns,
  scan: TableScan,
  parts: Uint8Array,
  { data }: Pick<PrepareRequest['spec'], 'data'>,
  classWeights: readonly number[] | null,
): Promise<void> {
  const ofClasses = (classWeights ?? [1]).map(Math.fround);
  // Each class has a training row.
  if (data.weight === undefined && ofClasses.every(Number.isFinite) && ofClasses.some((weight) => weight > 0)) return;
  const readWeights = weightReader(table.columns, { data }, classWeights);
  const field = data.weight ?? 'train.classWeights';
  let hasWeight = false;
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const start = firstRow;
    firstRow += chunk.rowCount;
    readWeights(chunk, scan.classes?.subarray(start, firstRow) ?? []).forEach((weight, at) => {
      const row = start + at;
      if (parts[row] !== Part.train) return;
      if (!Number.isFinite(Math.fround(weight))) throw tooHeavy(field, placeOf(row, table.lineOf));
      if (Math.fround(weight) > 0) hasWeight = true;
    });
  }
  if (hasWeight) return;
  throw new LockstepError('DATA_VALUE', {
    message: `Every training row has the weight 0 by ${data.weight === undefined ? field : `the column ${field}`}: nothing would be learned.`,
    field,
    value: '0',
    fix: 'Give some rows a weight above 0, or remove data.weight and train.classWeights.',
  });
}

function tooHeavy(field: string, place: string): LockstepError {
  return new LockstepError('DATA_VALUE', {
    message: `The weight of ${place} times that of its class is beyond 3.4e38, the largest number of float32.`,
    field,
    value: 'Infinity',
    fix: 'Divide the weights by a number, the same for all.',
  });
}
