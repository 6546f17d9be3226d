/** Copies chosen rows of prepared shards into a batch. */
import type { ShardInfo__Output } from '@lockstep/protocol';
import { LockstepError, type Shard } from '@lockstep/protocol/core';
import type { BatchMemory } from './batch-memory.js';
import { groupByShard, totalRows } from './core/shard-index.js';
import type { ShardSource } from './ports.js';

/** Elements of a row above which it is copied as a whole. */
const VIEW_ABOVE_ELEMENTS = 128;

/** Rows of one split: training, validation or prepared test rows. */
export class RowReader {
  readonly #shards: readonly ShardInfo__Output[];
  readonly #source: ShardSource;
  readonly #featureWidth: number;
  /** Rows of the split. */
  readonly rowCount: number;

  constructor(shards: readonly ShardInfo__Output[], source: ShardSource, featureWidth: number) {
    this.#shards = shards;
    this.#source = source;
    this.#featureWidth = featureWidth;
    this.rowCount = totalRows(shards);
  }

  /** Copies `rows`, in their order, to the start of the batch. */
  async gather(rows: Uint32Array, into: BatchMemory): Promise<void> {
    const width = this.#featureWidth;
    for (const [index, positions] of groupByShard(this.#shards, rows)) {
      const info = this.#shards[index] as ShardInfo__Output;
      const { features, target, weight } = columnsOf(await this.#source.read(info), info, width);
      for (const position of positions) {
        const row = (rows[position] as number) - info.firstRow;
        into.target[position] = target[row] as number;
        into.weight[position] = weight[row] as number;
        copyRow(features, row, into.features, position, width);
      }
    }
  }
}

/** Copies a row; below a length, a view costs more than the copy itself. */
function copyRow(from: Float32Array, row: number, into: Float32Array, position: number, width: number): void {
  const [source, target] = [row * width, position * width];
  if (width > VIEW_ABOVE_ELEMENTS) into.set(from.subarray(source, source + width), target);
  else for (let index = 0; index < width; index++) into[target + index] = from[source + index] as number;
}

/** Rows start to end - 1. */
export function rowRange(start: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - start }, (_, index) => start + index);
}

function columnsOf(
  shard: Shard,
  info: ShardInfo__Output,
  featureWidth: number,
): { features: Float32Array; target: Float32Array; weight: Float32Array } {
  const [features, target, weight] = ['features', 'target', 'weight'].map((name) => {
    const column = shard.columns.find((candidate) => candidate.name === name && candidate.type === 'float32');
    const width = name === 'features' ? featureWidth : 1;
    if (column?.type !== 'float32' || column.width !== width || shard.rowCount !== info.rowCount) {
      throw new LockstepError('PROTOCOL_VIOLATION', {
        message: `Shard ${info.name} has no float32 column "${name}" of width ${width} over ${info.rowCount} rows.`,
      });
    }
    return column.data;
  }) as [Float32Array, Float32Array, Float32Array];
  return { features, target, weight };
}
