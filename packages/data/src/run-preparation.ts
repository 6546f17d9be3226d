/** The whole preparation, in the process that calls it: plan, write, publish. */
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '@lockstep/protocol/disk';
import { columnInputs } from './core/column-values.js';
import { FeatureWriter } from './core/features.js';
import { parseNumber } from './core/number.js';
import { featureNames } from './core/plan.js';
import { Part } from './core/split.js';
import { parseWeight } from './core/weights.js';
import { diskError, syncFolder } from './durable-file.js';
import { fingerprint } from './fingerprint.js';
import { movedShards, writeManifest } from './manifest.js';
import { openSource } from './open-source.js';
import { type PreparationPlan, planPreparation } from './plan-preparation.js';
import { type PrepareRequest, sourceOptions } from './prepare-request.js';
import type { PreparedData } from './prepared-data.js';
import { Rejects } from './rejects.js';
import { type FileState, fileState, unreadableFile } from './source-file.js';
import type { DataFile } from './table-file.js';
import type { TableChunk, TableSource } from './table-source.js';
import { preparedColumns, rawColumns, ShardWriter } from './write-shards.js';

/** List of the rows that were left out, beside the shards. */
export const REJECTS_FILE = 'rejects.csv';

/** Prepares data in this process. @throws LockstepError; nothing is left in `outDirectory` then */
export async function runPreparation(request: PrepareRequest): Promise<PreparedData> {
  const { files, fileName, spec, outDirectory } = request;
  const before = await statesOf(files);
  const temporary = `${outDirectory}.partial`;
  try {
    await makeEmpty(temporary);
    const rejects = spec.data.onBadRow === 'skip' ? new Rejects(join(temporary, REJECTS_FILE)) : null;
    const table = await openSource({ ...sourceOptions(request), ...(rejects ? { skipTo: rejects } : {}) });
    const plan = await planPreparation(table, fileName, spec, rejects);
    const { scan, parts, preprocessing, classWeights, warnings } = plan;
    const shards = await writeSplits({ ...plan, table, weightColumn: spec.data.weight, directory: temporary });
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
  readonly table: TableSource;
  /** Column that weighs the training rows. */
  readonly weightColumn: string | undefined;
  readonly directory: string;
}

async function writeSplits(options: WriteOptions): Promise<PreparedData['shards']> {
  const { table, scan, parts, preprocessing, directory } = options;
  const features = preparedColumns(new FeatureWriter(preprocessing));
  const train = new ShardWriter(directory, 'train', features);
  const validation = new ShardWriter(directory, 'validation', features);
  const testPrepared = new ShardWriter(directory, 'test-prepared', features);
  const testRaw = new ShardWriter(directory, 'test-raw', rawColumns(preprocessing));
  const weightOf = rowWeights(options);
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const inputs = scan.columns.map((column) => columnInputs(chunk, column));
    for (let row = 0; row < chunk.rowCount; row++) {
      const part = parts[firstRow + row];
      if (part === Part.dropped) continue;
      const target = scan.classes
        ? scan.classes[firstRow + row]!
        : parseNumber(chunk.text(scan.labelIndex, row) ?? '', preprocessing.numbers);
      const weight = part === Part.train ? weightOf(chunk, row, target) : 1;
      const written = { raw: inputs.map((values) => values[row]!), target, weight };
      if (part === Part.train) await train.add(written);
      else if (part === Part.validation) await validation.add(written);
      else if (part === Part.test) {
        await testPrepared.add(written);
        await testRaw.add(written);
      }
    }
    firstRow += chunk.rowCount;
  }
  return {
    train: await train.finish(),
    validation: await validation.finish(),
    testPrepared: await testPrepared.finish(),
    testRaw: await testRaw.finish(),
  };
}

/** The weight of a training row: its own times that of its class. */
function rowWeights({
  table,
  weightColumn,
  preprocessing,
  classWeights,
}: WriteOptions): (chunk: TableChunk, row: number, target: number) => number {
  const index = weightColumn === undefined ? -1 : table.columns.indexOf(weightColumn);
  return (chunk, row, target) => {
    const own = weightColumn === undefined ? 1 : parseWeight(chunk.text(index, row), preprocessing.numbers);
    return own * (classWeights?.[target] ?? 1);
  };
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

function countParts(parts: Uint8Array): PreparedData['rows'] {
  const rows = { train: 0, validation: 0, test: 0, dropped: 0 };
  for (const part of parts) {
    if (part === Part.train) rows.train++;
    else if (part === Part.validation) rows.validation++;
    else if (part === Part.test) rows.test++;
    else rows.dropped++;
  }
  return rows;
}
