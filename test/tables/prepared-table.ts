/** What becomes of a generated table on the way that it takes through the packages: prepared, exported, predicted. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gunzipSync } from 'node:zlib';
import {
  addPreprocessing,
  type ColumnPlan,
  featureNames,
  openTable,
  type PreparedData,
  type PreprocessingPlan,
  runPreparation,
  type TableRequest,
} from '@lockstep/data';
import { createEngine, type Engine, type EngineTensor } from '@lockstep/engine';
import { encodeModel, GraphBuilder, initializeParameters, planModel } from '@lockstep/model';
import { decodeShard } from '@lockstep/protocol/core';
import { parseJobSpec, type ResolvedJobSpec } from '@lockstep/spec';
import { vi } from 'vitest';
import { predict } from '../../packages/cli/src/actions/predict.ts';
import { exportModel } from '../../packages/coordinator/src/export-model.ts';
import { inputType, rawName } from '../../packages/data/src/core/cell-format.ts';
import { inputsOf } from '../../packages/data/src/core/plan.ts';
import type { GeneratedTable } from './generated-table.ts';
import type { TableFile } from './table-files.ts';

/** A spec as it is resolved from what a user writes. */
export interface WrittenSpec {
  readonly spec: ResolvedJobSpec;
  readonly resolvedYaml: string;
}

/** The job spec of a table that stands in a file. @throws Error for a spec that is none */
export function resolvedSpec(table: GeneratedTable, { path, delimiter }: TableFile): WrittenSpec {
  const data = { path, ...(table.spec.data as object), ...(delimiter === undefined ? {} : { delimiter }) };
  const yaml = JSON.stringify({ ...table.spec, data });
  const { spec, problems } = parseJobSpec(yaml);
  if (!spec) throw new Error(`the generated spec is wrong: ${JSON.stringify(problems)}\n${yaml}`);
  return { spec, resolvedYaml: yaml };
}

/** Prepares a file of a table as the coordinator does. */
export function prepare(spec: ResolvedJobSpec, { path, name }: TableFile, folder: string): Promise<PreparedData> {
  const outDirectory = join(folder, `prepared-${name}`);
  return runPreparation({ files: [{ path, name }], fileName: name, spec, outDirectory });
}

/** One row as training sees it. */
export interface TrainingRow {
  readonly features: readonly number[];
  readonly target: number;
  readonly weight: number;
}

/** The rows of a split. */
export function rowsOf(data: PreparedData, split: 'train' | 'validation' | 'testPrepared'): TrainingRow[] {
  return data.shards[split].flatMap(({ path }) => {
    const { columns, rowCount } = decodeShard(readFileSync(path), (bytes) => crc32(bytes));
    const [features, target, weight] = ['features', 'target', 'weight'].map(
      (name) => columns.find((column) => column.name === name)!.data as Float32Array,
    ) as [Float32Array, Float32Array, Float32Array];
    const width = data.featureWidth;
    return Array.from({ length: rowCount }, (_, row) => ({
      features: [...features.subarray(row * width, (row + 1) * width).map(withoutSign)],
      ...{ target: target[row]!, weight: weight[row]! },
    }));
  });
}

/** What the model is given for the cells of a file, by raw column, with the columns that are kept. */
export async function readForModel(
  plan: PreprocessingPlan,
  { path, name, delimiter }: TableFile,
  keep: readonly string[],
  options: Pick<TableRequest, 'skipTo' | 'pieceBytes'> = {},
): Promise<{ inputs: Map<string, (number | string)[]>; kept: Map<string, (string | null)[]> }> {
  const files = [{ path, name }];
  const table = await openTable({
    files,
    fileName: name,
    plan,
    keep: () => keep,
    ...(delimiter ? { delimiter } : {}),
    ...options,
  });
  const inputs = new Map<string, (number | string)[]>();
  const kept = new Map<string, (string | null)[]>();
  for await (const batch of table.batches()) {
    for (const [column, values] of batch.columns) inputs.set(column, [...(inputs.get(column) ?? []), ...values]);
    for (const [column, cells] of batch.kept) kept.set(column, [...(kept.get(column) ?? []), ...cells]);
  }
  return { inputs, kept };
}

/** What the model is given, by raw column. */
type Inputs = ReadonlyMap<string, readonly (number | string)[]>;

const withoutSign = (value: number): number => (value === 0 ? 0 : value);

let engine: Promise<Engine> | null = null;

/** Features of rows as the exported graph computes them; a zero has no sign, which medians of zeros do not agree on. */
export async function featuresInOnnx(plan: PreprocessingPlan, inputs: Inputs): Promise<number[][]> {
  engine ??= createEngine();
  const builder = new GraphBuilder('preprocessing');
  const width = featureNames(plan).length;
  builder.output('(features)', 'float32', ['N', width], addPreprocessing(builder, plan));
  const session = await (await engine).createSession(encodeModel(builder.build()));
  const feeds = Object.fromEntries(inputsOf(plan).map((column) => [rawName(column), feedOf(column, inputs)]));
  const { '(features)': output } = await session.run(feeds, { '(features)': null });
  const flat = (output!.data as Float32Array).map(withoutSign);
  await session.release();
  return Array.from({ length: flat.length / width }, (_, row) => [...flat.subarray(row * width, (row + 1) * width)]);
}

function feedOf(column: ColumnPlan, inputs: Inputs): EngineTensor {
  const cells = inputs.get(rawName(column))!;
  const shape = [cells.length, 1];
  return inputType(column) === 'float64'
    ? { type: 'float64', shape, data: Float64Array.from(cells as number[]) }
    : { type: 'string', shape, data: cells as string[] };
}

/** Writes the model that training begins with. @returns its path */
export async function untrainedModel(
  { spec, resolvedYaml }: WrittenSpec,
  data: PreparedData,
  folder: string,
): Promise<string> {
  const { featureWidth, outputWidth } = data;
  const plan = planModel({ layers: spec.model, loss: spec.train.loss, featureWidth, outputWidth });
  const parameters = initializeParameters(plan, spec.train.seed);
  const options = { spec, resolvedYaml, data, layout: plan.layout, parameters, numericClass: 'generated' };
  const { bytes } = await exportModel(options);
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  return path;
}

/** What `lockstep predict` writes for a file, as JSON lines. @param out `.jsonl` or `.jsonl.gz` */
export async function predictions(
  model: string,
  { path, delimiter }: TableFile,
  out: string,
  keep?: string,
): Promise<Record<string, unknown>[]> {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await predict(model, path, { out, keep: keep === undefined ? [] : [keep], delimiter }).finally(() =>
    said.mockRestore(),
  );
  const bytes = readFileSync(out);
  const lines = (out.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
