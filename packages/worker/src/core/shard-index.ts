/** Finds the shard that holds a row. */

/** Where a shard's rows lie among all rows of its split. */
export interface ShardPlace {
  readonly firstRow: number;
  readonly rowCount: number;
}

/** Rows of all shards, which must follow one another without a gap. @throws Error when they don't */
export function totalRows(shards: readonly ShardPlace[]): number {
  let next = 0;
  for (const { firstRow, rowCount } of shards) {
    if (firstRow !== next) throw new Error(`a shard starts at row ${firstRow}, not ${next}`);
    next += rowCount;
  }
  return next;
}

/** Index of the shard that holds a row. @throws Error when none does */
export function shardOf(shards: readonly ShardPlace[], row: number): number {
  let low = 0;
  let high = shards.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((shards[middle] as ShardPlace).firstRow <= row) low = middle;
    else high = middle - 1;
  }
  const found = shards[low];
  if (!found || row < found.firstRow || row >= found.firstRow + found.rowCount)
    throw new Error(`no shard has row ${row}`);
  return low;
}

/** Positions in `rows` by shard, so that each shard is visited once; shards ascending. */
export function groupByShard(shards: readonly ShardPlace[], rows: Uint32Array): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  rows.forEach((row, position) => {
    const shard = shardOf(shards, row);
    const group = groups.get(shard);
    if (group) group.push(position);
    else groups.set(shard, [position]);
  });
  return groups.size < 2 ? groups : new Map([...groups].sort(([a], [b]) => a - b));
}
