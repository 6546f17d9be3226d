/** Collects rows of one split and writes them as shards of a fixed number of rows. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { encodeShard, LockstepError, ROWS_PER_SHARD, type ShardColumn } from '@lockstep/protocol/core';
import { rawName } from './core/cell-format.js';
import type { CodedTexts } from './core/column-values.js';
import type { FeatureWriter, RawColumns } from './core/features.js';
import { inputsOf, type PreprocessingPlan } from './core/plan.js';
import { writeDurable } from './durable-file.js';
import type { ShardFile } from './prepared-data.js';

/** A column of the rows of a chunk as the model takes it. */
export type InputColumn = Float64Array | CodedTexts;

/** Rows of a chunk. */
export interface InputRows {
  /** By position in the plan's columns. */
  readonly raw: readonly InputColumn[];
  readonly targets: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** Rows of a shard. */
interface ShardRows {
  readonly rowCount: number;
  readonly raw: RawColumns;
  readonly targets: Float32Array;
  readonly weights: Float32Array;
}

/** A row of shards: their name, and what they hold of the rows. */
export interface ShardKind {
  readonly name: string;
  readonly columns: (rows: ShardRows) => ShardColumn[];
}

/** Writes rows of one part as shards of each kind; call {@link finish} for the last ones. */
export class ShardWriter {
  readonly #directory: string;
  readonly #kinds: readonly ShardKind[];
  readonly #files: ShardFile[][];
  readonly #collected = new RowCollector();
  #firstRow = 0;
  /** The file that is being written while the next one is made. */
  #writing: Promise<void> = Promise.resolve();

  constructor(directory: string, kinds: readonly ShardKind[]) {
    this.#directory = directory;
    this.#kinds = kinds;
    this.#files = kinds.map(() => []);
  }

  /** Takes some rows of a chunk; writes when a shard is full. */
  async add(from: InputRows, rows: Uint32Array): Promise<void> {
    for (let taken = 0; taken < rows.length; ) {
      taken += this.#collected.take(from, rows.subarray(taken));
      if (this.#collected.rowCount === ROWS_PER_SHARD) await this.#write();
    }
  }

  /** Writes what is left. @returns all shards of each kind in order */
  async finish(): Promise<readonly (readonly ShardFile[])[]> {
    if (this.#collected.rowCount > 0) await this.#write();
    await this.#writing;
    return this.#files;
  }

  async #write(): Promise<void> {
    const rows = this.#collected.finish();
    const { rowCount } = rows;
    for (const [index, { name: kind, columns }] of this.#kinds.entries()) {
      const files = this.#files[index]!;
      const bytes = encodeShard({ rowCount, columns: columns(rows) }, crc32);
      const name = `${kind}-${String(files.length).padStart(6, '0')}.shard`;
      const path = join(this.#directory, name);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      files.push({ name, path, firstRow: this.#firstRow, rowCount, bytes: bytes.length, sha256 });
      await this.#writing;
      this.#writing = writeDurable(path, bytes);
      // Whoever waits for it next is told.
      this.#writing.catch(() => {});
    }
    this.#firstRow += rowCount;
  }
}

/** Rows that become a shard, by column. */
class RowCollector {
  #raw: (Float64Array | string[])[] = [];
  readonly #targets = new Float32Array(ROWS_PER_SHARD);
  readonly #weights = new Float32Array(ROWS_PER_SHARD);
  #count = 0;

  get rowCount(): number {
    return this.#count;
  }

  /** Takes as many rows as there is room for. @returns how many */
  take({ raw, targets, weights }: InputRows, rows: Uint32Array): number {
    const first = this.#count;
    const taken = rows.subarray(0, ROWS_PER_SHARD - first);
    raw.forEach((column, index) => {
      this.#raw[index] ??= column instanceof Float64Array ? new Float64Array(ROWS_PER_SHARD) : [];
      const to = this.#raw[index];
      if (column instanceof Float64Array) copyRows(column, taken, to as Float64Array, first);
      else for (const row of taken) (to as string[]).push(column.cells[column.codes[row]!]!);
    });
    copyRows(targets, taken, this.#targets, first);
    copyRows(weights, taken, this.#weights, first);
    this.#count += taken.length;
    return taken.length;
  }

  /** The rows, which are forgotten with the next ones that are taken. */
  finish(): ShardRows {
    const rowCount = this.#count;
    const raw = this.#raw.map((column) => (column instanceof Float64Array ? column.subarray(0, rowCount) : column));
    this.#raw = this.#raw.map((column) => (column instanceof Float64Array ? column : []));
    this.#count = 0;
    return {
      rowCount,
      raw,
      targets: this.#targets.subarray(0, rowCount),
      weights: this.#weights.subarray(0, rowCount),
    };
  }
}

function copyRows(from: ArrayLike<number>, rows: Uint32Array, to: Float64Array | Float32Array, first: number): void {
  for (let at = 0; at < rows.length; at++) to[first + at] = from[rows[at]!]!;
}

function targetColumns({ targets, weights }: ShardRows): ShardColumn[] {
  return [
    { name: 'target', type: 'float32', width: 1, data: targets },
    { name: 'weight', type: 'float32', width: 1, data: weights },
  ];
}

/** Columns of a prepared shard: features, target, weight. */
export function preparedColumns(writer: FeatureWriter): ShardKind['columns'] {
  return (rows) => {
    const data = writer.write(rows.raw, rows.rowCount);
    const wrong = firstInfinite(data);
    if (wrong >= 0) throw tooLargeFeature(writer.names[wrong % writer.width]!);
    return [{ name: 'features', type: 'float32', width: writer.width, data }, ...targetColumns(rows)];
  };
}

/** Place of the first number that is none or infinite; -1 where all are finite. */
function firstInfinite(data: Float32Array): number {
  for (let at = 0; at < data.length; at++) if (!Number.isFinite(data[at])) return at;
  return -1;
}

function tooLargeFeature(column: string): LockstepError {
  return new LockstepError('DATA_VALUE', {
    message: `Column ${column} has a value that float32 cannot hold, also after scaling.`,
    field: column,
    fix: `Mend the value, set scale: standard for ${column}, or add it to data.ignore.`,
  });
}

/** Columns of a raw shard: every raw feature column as model.onnx takes it, target, weight. */
export function rawColumns(plan: PreprocessingPlan): ShardKind['columns'] {
  return (rows) => [
    ...inputsOf(plan).map((column): ShardColumn => {
      const data = rows.raw[plan.columns.indexOf(column)]!;
      const name = `raw/${rawName(column)}`;
      return data instanceof Float64Array
        ? { name, type: 'float64', width: 1, data }
        : { name, type: 'string', width: 1, data };
    }),
    ...targetColumns(rows),
  ];
}
