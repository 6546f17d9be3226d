/** Which columns preparation reads after the first pass, and whether as texts or as numbers. */
import { ofColumn } from '@lockstep/spec';
import type { CacheKind } from './column-cache.js';
import { isPlain } from './core/column-values.js';
import type { PrepareRequest } from './prepare-request.js';
import { dateFormat, numberFormat, type TableScan } from './scan-table.js';

/** What is kept of a column in the first pass, before types are known. */
export function keptKind(spec: PrepareRequest['spec'], name: string): CacheKind {
  const { data, split, task } = spec;
  // A weight may be a number and none that can be used: the message has its text.
  if (name === split.groupBy || name === data.weight) return 'texts';
  const isRead = name === split.orderBy || (name === data.label && task === 'regression');
  if (!isRead && (name === data.label || data.ignore.includes(name))) return 'nothing';
  const declared = ofColumn(data.types, name);
  const isNumber = (declared === undefined || declared === 'number') && dateFormat(spec, name) === undefined;
  return isNumber && isPlain({ type: 'number', ...numberFormat(spec) }) ? 'auto' : 'texts';
}

/** Columns that are read as texts, by position, once types are known. */
export function textPositions({ columns, order }: TableScan): number[] {
  return [...columns, ...(order ? [order] : [])].flatMap((column) =>
    column.type === 'number' && isPlain(column.format) ? [] : [column.index],
  );
}
