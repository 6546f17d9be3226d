/** The whole preparation, in the process that calls it: plan, write, publish. */
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '@lockstep/protocol/disk';
import { FeatureWriter, type RawRow } from './core/features.js';
import { parseNumber } from './core/number.js';
import { featureNames, type PreprocessingPlan } from './core/plan.js';
import { Part } from './core/split.js';
import { openCsv } from './duckdb/csv.js';
import { diskError, syncFolder } from './durable-file.js';
import { fingerprint } from './fingerprint.js';
import { movedShards, writeManifest } from './manifest.js';
import { planPreparation } from './plan-preparation.js';
import type { PrepareRequest } from './prepare-request.js';
import type { PreparedData } from './prepared-data.js';
import type { TableScan } from './scan-table.js';
import { type FileState, fileState, unreadableFile } from './source-file.js';
import type { TableSource } from './table-source.js';
import { preparedColumns, rawColumns, ShardWriter } from './write-shards.js';

/** Prepares data in this process. @throws LockstepError; nothing is left in `outDirectory` then */
export async function runPreparation(request: PrepareRequest): Promise<PreparedData> {
  const { source, fileName, spec, outDirectory } = request;
  const before = await fileState(source, fileName);
  const table = await openCsv({ path: source, fileName, nulls: spec.data.nulls });
  const temporary = `${outDirectory}.partial`;
  try {
    const { scan, parts, preprocessing, warnings } = await planPreparation(table, fileName, spec);
    await makeEmpty(temporary);
    const shards = await writeSplits({ table, scan, parts, preprocessing, directory: temporary });
    const digest = await fingerprint(source, spec);
    await refuseChanged(source, fileName, before);
    const names = featureNames(preprocessing);
    const prepared: PreparedData = {
      task: spec.task,
      labels: scan.labels,
      featureNames: names,
      featureWidth: names.length,
      outputWidth: spec.task === 'multiclass' ? (scan.labels?.length ?? 1) : 1,
      rows: countParts(parts),
      shards: movedShards(shards, outDirectory),
      preprocessing,
      fingerprint: digest,
      warnings,
    };
    await writeManifest(temporary, prepared);
    await publish(temporary, outDirectory);
    return prepared;
  } catch (thrown) {
    // What went wrong matters more than what cannot be cleaned up.
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw thrown;
  } finally {
    table.close();
  }
}

/** The passes must have seen the same bytes. */
async function refuseChanged(source: string, fileName: string, before: FileState): Promise<void> {
  const after = await fileState(source, fileName);
  if (after.bytes === before.bytes && after.modifiedMs === before.modifiedMs) return;
  throw unreadableFile(fileName, 'changed while it was read', 'Run again once nothing writes to it.');
}

interface WriteOptions {
  readonly table: TableSource;
  readonly scan: TableScan;
  readonly parts: Uint8Array;
  readonly preprocessing: PreprocessingPlan;
  readonly directory: string;
}

async function writeSplits(options: WriteOptions): Promise<PreparedData['shards']> {
  const { table, scan, parts, preprocessing, directory } = options;
  const features = preparedColumns(new FeatureWriter(preprocessing));
  const train = new ShardWriter(directory, 'train', features);
  const validation = new ShardWriter(directory, 'validation', features);
  const testPrepared = new ShardWriter(directory, 'test-prepared', features);
  const testRaw = new ShardWriter(directory, 'test-raw', rawColumns(preprocessing));
  let row = 0;
  for await (const rows of table.rows()) {
    for (const cells of rows) {
      const part = parts[row];
      const target = scan.classes ? scan.classes[row]! : parseNumber(cells[scan.labelIndex] ?? '');
      const written = { raw: rawRow(scan, cells), target, weight: 1 };
      row++;
      if (part === Part.train) await train.add(written);
      else if (part === Part.validation) await validation.add(written);
      else if (part === Part.test) {
        await testPrepared.add(written);
        await testRaw.add(written);
      }
    }
  }
  return {
    train: await train.finish(),
    validation: await validation.finish(),
    testPrepared: await testPrepared.finish(),
    testRaw: await testRaw.finish(),
  };
}

function rawRow(scan: TableScan, cells: readonly (string | null)[]): RawRow {
  return scan.columns.map(({ index, type }) => {
    const cell = cells[index] ?? null;
    if (type === 'text') return cell ?? '';
    return cell === null ? Number.NaN : parseNumber(cell);
  });
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
