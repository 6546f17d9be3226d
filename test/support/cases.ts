/** Folders of test/cases, and what the command says about them. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type JsonOutcome, lastJson, lockstep, ROOT, scratch, trainJson } from './lockstep.ts';

/** A copy of a case, with its table made where a program makes it. @returns the folder */
export function caseFolder(name: string): string {
  const folder = scratch();
  cpSync(join(ROOT, 'test/cases', name), folder, { recursive: true });
  const program = join(folder, 'make.mjs');
  if (existsSync(program)) writeFileSync(join(folder, 'data.csv'), execFileSync(process.execPath, [program]));
  return folder;
}

/** Settings as options of the command. */
export const set = (...settings: readonly string[]): string[] => settings.flatMap((setting) => ['--set', setting]);

/** Trains the job of a folder. @returns the path of the model */
export async function trained(folder: string, ...args: readonly string[]): Promise<string> {
  const out = join(scratch(), 'out');
  return (await trainJson([join(folder, 'job.yaml'), '--workers', '1', '--out', out, ...args])).model;
}

/** The metrics.json beside a model. */
export function metricsOf<Metrics>(model: string): Metrics {
  return JSON.parse(readFileSync(join(dirname(model), 'metrics.json'), 'utf8')) as Metrics;
}

/** What `validate` says against the job of a folder, with its exit code. */
export async function refusal(
  folder: string,
  ...args: readonly string[]
): Promise<Partial<NonNullable<JsonOutcome['error']>> & { readonly exit: number | null }> {
  const result = await lockstep(['validate', join(folder, 'job.yaml'), '--json', ...args]);
  return { ...lastJson(result).error, exit: result.code };
}

/** Cells of the predictions for a table. */
export async function predicted(model: string, table: string, ...args: readonly string[]): Promise<string[][]> {
  const file = join(scratch(), 'table.csv');
  writeFileSync(file, table);
  const result = await lockstep(['predict', model, file, ...args]);
  if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr}`);
  const lines = result.stdout.trimEnd().split('\n').slice(1);
  return lines.map((line) => line.split(','));
}
