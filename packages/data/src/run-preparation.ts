/** The whole preparation, in the process that calls it: scan, split, fit, write. */
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import { makeFolder } from '@lockstep/protocol/disk';
import { checkClassCoverage } from './class-coverage.js';
import { FeatureWriter, type RawRow } from './core/features.js';
import { parseNumber } from './core/number.js';
import { featureNames, type PreprocessingPlan, settingsOf } from './core/plan.js';
import { Part, splitRows } from './core/split.js';
import { type CsvTable, openCsv } from './duckdb/csv.js';
import { diskError, syncFolder } from './durable-file.js';
import { fingerprint } from './fingerprint.js';
import { fitPreprocessing } from './fit.js';
import { movedShards, writeManifest } from './manifest.js';
import type { PrepareRequest } from './prepare-request.js';
import type { PreparedData } from './prepared-data.js';
import { scanTable, type TableScan } from './scan-table.js';
import { type FileState, fileState, unreadableFile } from './source-file.js';
import { preparedColumns, rawColumns, ShardWriter } from './write-shards.js';

/** Prepares data in this process. @throws LockstepError; nothing is left in `outDirectory` then */
export async function runPreparation(request: PrepareRequest): Promise<PreparedData> {
  const { source, fileName, spec, outDirectory } = request;
  const before = await fileState(source, fileName);
  const table = await openCsv({ path: source, fileName, nulls: spec.data.nulls });
  const temporary = `${outDirectory}.partial`;
  try {
    const scan = await scanTable(table, fileName, spec);
    const parts = await divide(table, scan, spec);
    const coverage = checkClassCoverage(spec.data.label, scan, parts);
    const preprocessing = await fitPreprocessing(table, scan, parts, spec);
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
      warnings: [...scan.warnings, ...coverage],
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

async function divide(table: CsvTable, scan: TableScan, spec: PrepareRequest['spec']): Promise<Uint8Array> {
  const dropped = await rowsToDrop(table, scan, spec);
  const parts = splitRows({
    test: spec.split.test,
    validation: spec.split.validation,
    seed: spec.split.seed,
    classes: spec.split.stratify ? scan.classes : null,
    kept: (row) => dropped?.[row] !== 1,
    rowCount: scan.rowCount,
  });
  if (!parts.includes(Part.train)) {
    throw new LockstepError('DATA_EMPTY', {
      message: `No rows are left for training (${scan.rowCount} in the file).`,
      field: 'split',
      value: String(scan.rowCount),
      fix: 'Give more rows, lower split.test, or do not drop rows with missing values.',
    });
  }
  return parts;
}

/** Rows with a missing cell in a column whose strategy is to drop them; null where no column has it. */
async function rowsToDrop(table: CsvTable, scan: TableScan, spec: PrepareRequest['spec']): Promise<Uint8Array | null> {
  const strict = scan.columns.filter(({ name, type }) => settingsOf(spec.preprocess, name, type).missing === 'drop');
  if (strict.length === 0) return null;
  const dropped = new Uint8Array(scan.rowCount);
  let row = 0;
  for await (const rows of table.rows()) {
    for (const cells of rows) {
      if (strict.some(({ index }) => cells[index] === null)) dropped[row] = 1;
      row++;
    }
  }
  return dropped;
}

interface WriteOptions {
  readonly table: CsvTable;
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
