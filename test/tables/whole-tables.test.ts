/**
 * Properties of whole tables, from the file to the predictions. LOCKSTEP_TABLES says how many are drawn; then they
 * differ from run to run, unless LOCKSTEP_TABLES_SEED repeats one.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreparedData } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { textInput } from '../../packages/data/src/core/text-cell.ts';
import { buildProcesses } from '../../packages/data/src/testing/parquet.ts';
import { type GeneratedColumn, type GeneratedTable, tables } from './generated-table.ts';
import {
  featuresInOnnx,
  predictions,
  prepare,
  readForModel,
  resolvedSpec,
  rowsOf,
  type TrainingRow,
  untrainedModel,
} from './prepared-table.ts';
import { csvFile, jsonlFile, parquetTable, type Style, styles, type TableFile } from './table-files.ts';

const DRAWN = Number(process.env.LOCKSTEP_TABLES ?? 0);
const SEED = process.env.LOCKSTEP_TABLES_SEED ?? (DRAWN > 0 ? Date.now() % 2 ** 31 : 20_261_128);
const TIMEOUT_MS = DRAWN > 0 ? 3_600_000 : 60_000;

/**
 * Parameters of a property: `few` tables where nobody asks for more; what was found is told before the test's time is
 * over, if not in its shortest form.
 * @param share of the tables that are asked for
 */
const runs = (few: number, share = 1) => ({
  ...{ seed: Number(SEED), numRuns: DRAWN > 0 ? Math.ceil(DRAWN * share) : few },
  interruptAfterTimeLimit: TIMEOUT_MS / 2,
});

beforeAll(buildProcesses, 120_000);

/** Runs in a folder that is gone afterwards. */
async function inFolder<Result>(run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tables-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Data of a table, or why it has none that can be trained on. */
type Outcome = { readonly data: PreparedData } | { readonly refused: string };

async function outcomeOf(table: GeneratedTable, file: TableFile, folder: string): Promise<Outcome> {
  try {
    return { data: await prepare(resolvedSpec(table, file).spec, file, folder) };
  } catch (thrown) {
    // What no generator can foresee: the split or outliers took every value of a column.
    if (!(thrown instanceof LockstepError) || thrown.code !== 'DATA_COLUMN_EMPTY') throw thrown;
    return { refused: thrown.message.replaceAll(file.name, 'table') };
  }
}

/** Everything that preparation decides, but for the spelling of booleans, which test rows keep for model.onnx. */
const decided = (outcome: Outcome): unknown =>
  'refused' in outcome
    ? outcome
    : {
        ...{ labels: outcome.data.labels, names: outcome.data.featureNames, rows: outcome.data.rows },
        ...{ plan: outcome.data.preprocessing, weights: outcome.data.classWeights },
        shards: (['train', 'validation', 'testPrepared'] as const).map((split) =>
          outcome.data.shards[split].map(({ sha256 }) => sha256),
        ),
      };

/** What the model is to be given for a cell. */
function inputOf(column: GeneratedColumn, row: number): number | string {
  const { text, value } = column.cells[row]!;
  switch (column.kind) {
    case 'text':
      return textInput(value as string | null);
    case 'boolean':
      return text?.trim().toLowerCase() ?? '';
    default:
      return value === null ? Number.NaN : (value as number);
  }
}

const inputsOf = (table: GeneratedTable): Map<string, (number | string)[]> =>
  new Map(table.features.map((column) => [column.name, column.cells.map((_, row) => inputOf(column, row))]));

/** Booleans of Parquet and JSON are spelled otherwise than those of CSV. */
function comparable(inputs: ReadonlyMap<string, readonly (number | string)[]>, table: GeneratedTable) {
  const TRUE = new Set(['true', 't', 'yes', 'y', 'on']);
  return table.features.map(({ name, kind }) =>
    inputs.get(name)!.map((cell) => {
      if (kind !== 'boolean' || cell === '') return cell;
      return TRUE.has(String(cell).toLowerCase()) ? 'true' : 'false';
    }),
  );
}

/** Whether rows are parts of a whole that all keep its order; `dropped` of them may be in none. */
function isDivided(whole: readonly string[], parts: readonly (readonly string[])[], dropped: number): boolean {
  let states = new Set([parts.map(() => 0).join()]);
  whole.forEach((row, at) => {
    const next = new Set<string>();
    for (const state of states) {
      const taken = state.split(',').map(Number);
      parts.forEach((part, index) => {
        if (part[taken[index]!] === row)
          next.add(taken.map((count, other) => (other === index ? count + 1 : count)).join());
      });
      if (at - taken.reduce((sum, count) => sum + count, 0) < dropped) next.add(state);
    }
    states = next;
  });
  return states.has(parts.map(({ length }) => length).join());
}

const shown = ({ features, target, weight }: TrainingRow): string => JSON.stringify([features, target, weight]);

/** The rows that training is to see, in file order. @param isTraining weights count there */
function expectedRows(table: GeneratedTable, data: PreparedData, features: readonly number[][]): TrainingRow[] {
  return features.map((row, at) => {
    const text = table.label.cells[at]!.text!;
    const target = data.labels ? data.labels.indexOf(text) : Number(text.replace(/[^\d-]/g, ''));
    const own = table.weight ? Number(table.weight.cells[at]!.text) : 1;
    return { features: row, target, weight: Math.fround(own * (data.classWeights?.[target] ?? 1)) };
  });
}

async function checkFeatures(table: GeneratedTable, data: PreparedData): Promise<void> {
  const plan = data.preprocessing;
  const rows = expectedRows(table, data, await featuresInOnnx(plan, inputsOf(table)));
  const parts = (['train', 'validation', 'testPrepared'] as const).map((split) => rowsOf(data, split));
  const unweighted = (part: readonly TrainingRow[]): string[] => part.map((row) => shown({ ...row, weight: 1 }));
  expect(isDivided(unweighted(rows), parts.map(unweighted), data.rows.dropped)).toBe(true);
  const trained = parts[0]!.map(shown);
  expect(trained.filter((row) => !rows.map(shown).includes(row))).toEqual([]);
  expect(parts.map(({ length }) => length)).toEqual([data.rows.train, data.rows.validation, data.rows.test]);
}

describe('a table of any shape', () => {
  it(
    'is read to its values, prepared to the same bytes from every format, and exported to the same features',
    async () => {
      await fc.assert(
        fc.asyncProperty(tables, styles, styles, async (table, style, other) => {
          await inFolder(async (folder) => {
            const [first, second] = [join(folder, 'a'), join(folder, 'b')];
            for (const path of [first, second]) mkdirSync(path);
            const files = [
              csvFile(table, folder, style),
              csvFile(table, second, other),
              jsonlFile(table, first, style),
            ];
            const outcome = await outcomeOf(table, files[0]!, folder);
            for (const [at, file] of files.slice(1).entries()) {
              const again = await outcomeOf(table, file, join(folder, 'ab'[at]!));
              expect(decided(again)).toEqual(decided(outcome));
            }
            if ('refused' in outcome) return;
            for (const file of files) {
              const { inputs, kept } = await readForModel(outcome.data.preprocessing, file, ['id']);
              expect(comparable(inputs, table)).toEqual(comparable(inputsOf(table), table));
              expect(kept.get('id')).toEqual(
                table.columns.find(({ name }) => name === 'id')!.cells.map(({ text }) => text),
              );
            }
            await checkFeatures(table, outcome.data);
          });
        }),
        runs(30),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'is predicted row by row in its order, with its ids, and alike from every format',
    async () => {
      await fc.assert(
        fc.asyncProperty(tables, styles, fc.constantFrom('jsonl', 'jsonl.gz'), async (table, style, ending) => {
          await inFolder((folder) => checkPredictions(table, style, ending, folder));
        }),
        runs(20),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'is the same in Parquet, by whichever number of threads it was written',
    async () => {
      await fc.assert(
        fc.asyncProperty(tables, styles, fc.constantFrom(8, 1), async (table, style, threads) => {
          await inFolder(async (folder) => {
            const outcome = await outcomeOf(table, csvFile(table, folder, style), folder);
            const file = await parquetTable(table, threads);
            expect(decided(await outcomeOf(table, file, folder))).toEqual(decided(outcome));
          });
        }),
        runs(2, 1 / 20),
      );
    },
    TIMEOUT_MS,
  );
});

async function checkPredictions(table: GeneratedTable, style: Style, ending: string, folder: string): Promise<void> {
  const file = csvFile(table, folder, style);
  const outcome = await outcomeOf(table, file, folder);
  if ('refused' in outcome) return;
  const { data } = outcome;
  const model = await untrainedModel(resolvedSpec(table, file), data, folder);
  const scored: unknown[] = [];
  for (const source of [file, jsonlFile(table, folder, style)]) {
    const rows = await predictions(model, source, join(folder, `scored.${ending}`), 'id');
    expect(rows.map(({ id }) => id)).toEqual(
      table.columns.find(({ name }) => name === 'id')!.cells.map(({ text }) => text),
    );
    for (const { prediction } of rows) {
      if (data.labels) expect(data.labels).toContain(prediction);
      else expect(Number.isFinite(prediction)).toBe(true);
    }
    scored.push(rows);
  }
  expect(scored[1]).toEqual(scored[0]);
}

describe('a table with some of its bytes changed', () => {
  it(
    'is read or refused by name, and a refusal leaves nothing',
    async () => {
      const change = fc.record({
        at: fc.nat(),
        length: fc.integer({ min: 0, max: 4 }),
        bytes: fc.uint8Array({ maxLength: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(
          tables,
          styles,
          fc.boolean(),
          fc.array(change, { minLength: 1, maxLength: 4 }),
          async (table, style, isJson, changes) => {
            await inFolder(async (folder) => {
              const file = isJson ? jsonlFile(table, folder, style) : csvFile(table, folder, style);
              let bytes: Uint8Array = readFileSync(file.path);
              for (const { at, length, bytes: put } of changes) {
                const place = at % (bytes.length + 1);
                bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + length)]);
              }
              writeFileSync(file.path, bytes);
              const { spec } = resolvedSpec(table, file);
              const out = join(folder, `prepared-${file.name}`);
              const thrown = await prepare(spec, file, folder).then(
                () => null,
                (reason: unknown) => reason,
              );
              expect(existsSync(`${out}.partial`)).toBe(false);
              if (thrown === null) return;
              expect(thrown).toBeInstanceOf(LockstepError);
              expect((thrown as LockstepError).code).toMatch(/^(DATA|SPEC)_|^MODEL_INVALID$/);
              expect(existsSync(out)).toBe(false);
            });
          },
        ),
        runs(40),
      );
    },
    TIMEOUT_MS,
  );
});
