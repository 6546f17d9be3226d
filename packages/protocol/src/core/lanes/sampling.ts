/** Sampler v1: which rows form which global batch. A function of (seed, epoch, step) alone. */
import { permutation, RandomPurpose } from '../random.js';
import { ROWS_PER_SHARD } from '../shards/shard-format.js';

/** Name of this sampler, kept in job and model. */
export const SAMPLER_V1 = 'v1';

/** Rows that are shuffled as one whole; larger data is shuffled in windows of blocks. */
export const DEFAULT_WINDOW_ROWS = 64 * ROWS_PER_SHARD;

/** Global batches in an epoch; the last one may be short. */
export function stepsPerEpoch(rowCount: number, batchSize: number): number {
  return Math.ceil(rowCount / batchSize);
}

/** What an epoch's order follows from. */
export interface EpochOrderOptions {
  readonly seed: number;
  /** 0-based. */
  readonly epoch: number;
  readonly rowCount: number;
  /** @default {@link DEFAULT_WINDOW_ROWS} */
  readonly windowRows?: number;
}

/**
 * The order of all rows in an epoch, each exactly once. One full shuffle when the rows fit a window; else the fixed
 * blocks of {@link ROWS_PER_SHARD} rows are permuted, then rows are shuffled inside each window of blocks.
 */
export function epochOrder({
  seed,
  epoch,
  rowCount,
  windowRows = DEFAULT_WINDOW_ROWS,
}: EpochOrderOptions): Uint32Array {
  if (rowCount <= windowRows) return permutation(seed, RandomPurpose.shuffle, epoch, rowCount);
  const blockCount = Math.ceil(rowCount / ROWS_PER_SHARD);
  const blocksPerWindow = Math.max(1, Math.floor(windowRows / ROWS_PER_SHARD));
  const blocks = permutation(seed, RandomPurpose.shuffle, epoch, blockCount, 1);
  const order = new Uint32Array(rowCount);
  let filled = 0;
  for (let first = 0; first < blockCount; first += blocksPerWindow) {
    const start = filled;
    for (const block of blocks.subarray(first, first + blocksPerWindow)) {
      const end = Math.min(rowCount, (block + 1) * ROWS_PER_SHARD);
      for (let row = block * ROWS_PER_SHARD; row < end; row++) order[filled++] = row;
    }
    const rows = order.slice(start, filled);
    const shuffled = permutation(seed, RandomPurpose.shuffle, epoch, rows.length, 2 + first / blocksPerWindow);
    for (let index = 0; index < rows.length; index++) order[start + index] = rows[shuffled[index]!]!;
  }
  return order;
}

/** Rows of one global batch; the last of an epoch may be short. */
export function batchRows(order: Uint32Array, stepInEpoch: number, batchSize: number): Uint32Array {
  return order.subarray(stepInEpoch * batchSize, Math.min(order.length, (stepInEpoch + 1) * batchSize));
}
