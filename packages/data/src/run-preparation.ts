/** The whole preparation, in the process that calls it: plan, write, publish. */
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, syncFolder } from '@lockstep/protocol/disk';
import { ColumnCache } from './column-cache.js';
import { columnInputs, plainNumbers } from './core/column-values.js';
import { FeatureWriter } from './core/features.js';
import { featureNames } from './core/plan.js';
import { countParts, Part, rowsOfPart } from './core/split.js';
import { diskError } from './durable-file.js';
import { fingerprint } from './fingerprint.js';
import { keptKind, textPositions } from './kept-columns.js';
import { MAX_CACHE_BYTES } from './limits.js';
import { movedShards, writeManifest } from './manifest.js';
import { openTrainingTable } from './open-training-table.js';
import { type PreparationPlan, planPreparation } from './plan-preparation.js';
import type { PrepareRequest } from './prepare-request.js';
import type { PreparedData } from './prepared-data.js';
import type { Rejects } from './rejects.js';
import { scanTable, type TableScan } from './scan-table.js';
import { type FileState, fileState, unreadableFile } from './source-file.js';
import type { DataFile } from './table-file.js';
import type { TableChunk, TableColumns } from './table-source.js';
import { weightReader } from './training-weights.js';
import { preparedColumns, rawColumns, ShardWriter } from './write-shards.js';

/** List of the rows that were left out, beside the shards. */
export const REJECTS_FILE = 'rejects.csv';
/** Columns that are kept between the passes. */
const CACHE_FILE = 'columns.cache';

/** Prepares data in this process. @throws LockstepError; nothing is left in `outDirectory` then */
export async function runPreparation(request: PrepareRequest): Promise<PreparedData> {
  const { files, fileName, spec, outDirectory } = request;
  const before = await statesOf(files);
  const temporary = `${outDirectory}.partial`;
  let cache: ColumnCache | null = null;
  try {
    await makeEmpty(temporary);
    const { table, rejects } = await openTrainingTable(request, join(temporary, REJECTS_FILE));
    cache = new ColumnCache(table, {
      path: join(temporary, CACHE_FILE),
      kindOf: (name) => keptKind(spec, name),
      maxBytes: MAX_CACHE_BYTES,
    });
    const scan = await scanTable(cache, fileName, spec);
    cache.needTexts(textPositions(scan));
    const plan = await planPreparation(cache, scan, spec, rejects);
    const { parts, preprocessing, classWeights, warnings } = plan;
    const shards = await writeSplits({ ...plan, scan, table: cache, spec, directory: temporary });
    const digest = await fingerprint(files, spec);
    await refuseChanged(files, before);
    const names = featureNames(preprocessing);
    const prepared: PreparedData = {
      task: spec.task,
      labels: scan.labels,
      featureNames: names,
      featureWidth: names.length,
      outputWidth: spec.task === 'multiclass' ? (scan.labels?.length ?? 1) : 1,
      rows: countParts(parts),
      shards: movedShards(shards, outDirectory),
      classWeights,
      preprocessing,
      fingerprint: digest,
      rejects: rejects ? { count: rejects.count, byKind: rejects.byKind } : null,
      warnings: [...table.warnings, ...rejectWarning(rejects), ...warnings],
    };
    rejects?.close();
    await writeManifest(temporary, prepared);
    await publish(temporary, outDirectory);
    return prepared;
  } catch (thrown) {
    // What went wrong matters more than what cannot be cleaned up.
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw thrown;
  } finally {
    await cache?.close();
  }
}

async function statesOf(files: readonly DataFile[]): Promise<FileState[]> {
  const states: FileState[] = [];
  for (const { path, name } of files) states.push(await fileState(path, name));
  return states;
}

/** The passes must have seen the same bytes. */
async function refuseChanged(files: readonly DataFile[], before: readonly FileState[]): Promise<void> {
  const after = await statesOf(files);
  const changed = files.find(
    (_, index) =>
      after[index]!.bytes !== before[index]!.bytes || after[index]!.modifiedMs !== before[index]!.modifiedMs,
  );
  if (!changed) return;
  throw unreadableFile(changed.name, 'changed while it was read', 'Run again once nothing writes to it.');
}

function rejectWarning(rejects: Rejects | null): string[] {
  if (!rejects || rejects.count === 0) return [];
  return [`${rejects.count} bad ${rejects.count === 1 ? 'row was' : 'rows were'} left out: see ${REJECTS_FILE}.`];
}

interface WriteOptions extends PreparationPlan {
  readonly table: TableColumns;
  readonly scan: TableScan;
  readonly spec: PrepareRequest['spec'];
  readonly directory: string;
}

async function writeSplits(options: WriteOptions): Promise<PreparedData['shards']> {
  const { table, spec, scan, parts, preprocessing, classWeights, directory } = options;
  const features = preparedColumns(new FeatureWriter(preprocessing));
  const train = new ShardWriter(directory, [{ name: 'train', columns: features }]);
  const validation = new ShardWriter(directory, [{ name: 'validation', columns: features }]);
  const test = new ShardWriter(directory, [
    { name: 'test-prepared', columns: features },
    { name: 'test-raw', columns: rawColumns(preprocessing) },
  ]);
  const readTargets = targetReader(options);
  const readWeights = weightReader(table.columns, spec, classWeights);
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const { rowCount } = chunk;
    const raw = scan.columns.map((column) => columnInputs(chunk, column));
    const targets = readTargets(chunk, firstRow);
    const unweighted = new Float64Array(rowCount).fill(1);
    const rowsOf = (part: number): Uint32Array => rowsOfPart(parts, part, firstRow, rowCount);
    await train.add({ raw, targets, weights: readWeights(chunk, targets) }, rowsOf(Part.train));
    await validation.add({ raw, targets, weights: unweighted }, rowsOf(Part.validation));
    await test.add({ raw, targets, weights: unweighted }, rowsOf(Part.test));
    firstRow += rowCount;
  }
  const [testPrepared, testRaw] = await test.finish();
  return {
    train: (await train.finish())[0]!,
    validation: (await validation.finish())[0]!,
    testPrepared: testPrepared!,
    testRaw: testRaw!,
  };
}

/** Reads what the rows of a chunk are trained to: the index of their class, or a number. */
function targetReader({
  scan,
  preprocessing,
}: WriteOptions): (chunk: TableChunk, firstRow: number) => ArrayLike<number> {
  const { classes, labelIndex } = scan;
  if (classes) return (chunk, firstRow) => classes.subarray(firstRow, firstRow + chunk.rowCount);
  return (chunk) => plainNumbers(chunk, labelIndex, preprocessing.numbers);
}

async function makeEmpty(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
    await makeFolder(path);
  } catch (cause) {
    throw diskError(path, cause);
  }
}

async function publish(from: string, to: string): Promise<void> {
  try {
    await syncFolder(from);
    await rm(to, { recursive: true, force: true });
    await rename(from, to);
    await syncFolder(dirname(to));
  } catch (cause) {
    throw diskError(to, cause);
  }
}
