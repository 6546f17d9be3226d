/** Collects rows of one split and writes them as shards of a fixed number of rows. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { encodeShard, LockstepError, ROWS_PER_SHARD, type ShardColumn } from '@lockstep/protocol/core';
import { inputType, rawName } from './core/cell-format.js';
import type { FeatureWriter, RawRow } from './core/features.js';
import { inputsOf, type PreprocessingPlan } from './core/plan.js';
import { writeDurable } from './durable-file.js';
import type { ShardFile } from './prepared-data.js';

/** A row with its target and weight. */
export interface TargetRow {
  readonly raw: RawRow;
  readonly target: number;
  readonly weight: number;
}

/** Writes rows as shards; call {@link finish} for the last one. */
export class ShardWriter {
  readonly files: ShardFile[] = [];
  readonly #directory: string;
  readonly #name: string;
  readonly #columns: (rows: readonly TargetRow[]) => ShardColumn[];
  #rows: TargetRow[] = [];
  #firstRow = 0;

  constructor(directory: string, name: string, columns: (rows: readonly TargetRow[]) => ShardColumn[]) {
    this.#directory = directory;
    this.#name = name;
    this.#columns = columns;
  }

  /** Takes one row; writes when a shard is full. */
  async add(row: TargetRow): Promise<void> {
    this.#rows.push(row);
    if (this.#rows.length === ROWS_PER_SHARD) await this.#write();
  }

  /** Writes what is left. @returns all shards in order */
  async finish(): Promise<readonly ShardFile[]> {
    if (this.#rows.length > 0) await this.#write();
    return this.files;
  }

  async #write(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    const bytes = encodeShard({ rowCount: rows.length, columns: this.#columns(rows) }, crc32);
    const name = `${this.#name}-${String(this.files.length).padStart(6, '0')}.shard`;
    const path = join(this.#directory, name);
    await writeDurable(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.files.push({ name, path, firstRow: this.#firstRow, rowCount: rows.length, bytes: bytes.length, sha256 });
    this.#firstRow += rows.length;
  }
}

function targetColumns(rows: readonly TargetRow[]): ShardColumn[] {
  return [
    { name: 'target', type: 'float32', width: 1, data: Float32Array.from(rows, (row) => row.target) },
    { name: 'weight', type: 'float32', width: 1, data: Float32Array.from(rows, (row) => row.weight) },
  ];
}

/** Columns of a prepared shard: features, target, weight. */
export function preparedColumns(writer: FeatureWriter): (rows: readonly TargetRow[]) => ShardColumn[] {
  return (rows) => {
    const data = new Float32Array(rows.length * writer.width);
    rows.forEach((row, index) => {
      writer.write(row.raw, data, index * writer.width);
    });
    if (!data.every(Number.isFinite)) throw tooLargeFeature(writer, data);
    return [{ name: 'features', type: 'float32', width: writer.width, data }, ...targetColumns(rows)];
  };
}

function tooLargeFeature(writer: FeatureWriter, data: Float32Array): LockstepError {
  const column = writer.names[data.findIndex((value) => !Number.isFinite(value)) % writer.width]!;
  return new LockstepError('DATA_VALUE', {
    message: `Column ${column} has a value that float32 cannot hold, also after scaling.`,
    field: column,
    fix: `Mend the value, set scale: standard for ${column}, or add it to data.ignore.`,
  });
}

/** Columns of a raw shard: every raw feature column as model.onnx takes it, target, weight. */
export function rawColumns(plan: PreprocessingPlan): (rows: readonly TargetRow[]) => ShardColumn[] {
  return (rows) => [
    ...inputsOf(plan).map((column): ShardColumn => {
      const index = plan.columns.indexOf(column);
      const name = `raw/${rawName(column)}`;
      return inputType(column) === 'float64'
        ? { name, type: 'float64', width: 1, data: Float64Array.from(rows, (row) => row.raw[index] as number) }
        : { name, type: 'string', width: 1, data: rows.map((row) => row.raw[index] as string) };
    }),
    ...targetColumns(rows),
  ];
}
