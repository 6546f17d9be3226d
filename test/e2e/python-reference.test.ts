/**
 * What Lockstep computes, computed again by others: the hash of the parameters by onnx and numpy, predictions by
 * onnxruntime in Python, the loss of every step by Keras. Without such a Python the stored losses of Keras are left.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '@lockstep/engine';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CoordinatorMetrics } from '../../packages/coordinator/src/metrics.js';
import { RunningCoordinator } from '../../packages/coordinator/src/testing/running-coordinator.js';
import { LOSS_JOBS, type LossJob, type LossJobInput, lossJobInput } from '../reference/loss-job-input.ts';
import { joinWorker } from '../support/in-process-worker.ts';
import { type JsonOutcome, lastJson, lockstep, ROOT, scratch, trainJson } from '../support/lockstep.ts';
import { needsPython, pythonWith, runPython } from '../support/python.ts';

const REFERENCE = join(ROOT, 'test/reference');
const STORED = join(REFERENCE, 'loss-per-step.json');
const ONNX = ['onnx', 'numpy'];
const RUNTIME = ['onnxruntime', 'numpy'];
const KERAS = ['keras', 'tensorflow|jax', 'numpy'];
const onnxPython = pythonWith(ONNX);
const runtimePython = pythonWith(RUNTIME);
const kerasPython = pythonWith(KERAS);

/** Largest difference of a probability or value between `lockstep predict` and onnxruntime in Python. */
const PREDICTION_TOLERANCE = 1e-5;
/** Relative difference of a step's loss from Keras': float32 in both, in another order. */
const LOSS_TOLERANCE = 1e-4;
/** Relative difference of two runs of Keras in float64, on any backend: TensorFlow rounds momentum to float32. */
const KERAS_TOLERANCE = 5e-6;

const example = (name: string): string => join(ROOT, 'examples', name, 'job.yaml');

describe('parametersSha256', () => {
  const title = onnxPython ? '' : ` (${needsPython(ONNX)})`;

  it.skipIf(!onnxPython).each(['breast-cancer', 'wine'])(
    `of %s is what onnx and numpy compute from model.onnx${title}`,
    async (name) => {
      const outcome = await trained(exampleTable(name));
      const script = join(REFERENCE, 'parameters_sha256.py');
      const printed = await runPython({ python: onnxPython ?? '', script, args: [outcome.model] });
      expect(printed).toBe(`${outcome.parametersSha256}\n`);
    },
  );
});

describe('lockstep predict', () => {
  const title = runtimePython ? '' : ` (${needsPython(RUNTIME)})`;
  const tables: readonly (readonly [string, () => TrainedTable])[] = [
    ['two classes', () => exampleTable('breast-cancer')],
    ['three classes', () => exampleTable('wine')],
    ['a value by text and empty cells', textTable],
  ];

  it.skipIf(!runtimePython).each(tables)(`gives %s as onnxruntime in Python does${title}`, async (_, prepare) => {
    const table = prepare();
    const { data } = table;
    const { model } = await trained(table);
    const ours = await lockstep(['predict', model, data]);
    expect(ours.code, ours.stderr).toBe(0);
    const script = join(REFERENCE, 'predict_parity.py');
    const theirs = await runPython({ python: runtimePython ?? '', script, args: [model, data] });
    expectSamePredictions(columnsOf(ours.stdout), columnsOf(theirs), readFileSync(data, 'utf8'));
  });
});

describe('the loss of each step', () => {
  const title = kerasPython ? '' : ` (${needsPython(['keras', 'tensorflow or jax'])})`;
  const byName = LOSS_JOBS.map((job) => [job.name, job] as const);

  it.skipIf(!kerasPython)(`stored is what Keras computes${title}`, async () => {
    const folder = scratch();
    const inputs: Record<string, LossJobInput> = {};
    for (const job of LOSS_JOBS) inputs[job.name] = await lossJobInput(job, scratch());
    writeFileSync(join(folder, 'input.json'), JSON.stringify(inputs));
    const script = join(REFERENCE, 'keras_loss_per_step.py');
    const printed = await runPython({ python: kerasPython ?? '', script, args: [join(folder, 'input.json')] });
    const { jobs, ...made } = JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '') as KerasOutput;
    if (process.env.LOCKSTEP_UPDATE_REFERENCE) store(made, jobs, inputs);
    for (const { name } of LOSS_JOBS) expectClose(jobs[name] ?? [], stored(name).losses, KERAS_TOLERANCE);
  });

  it.each(byName)('of %s starts from the parameters and batches of the stored values', async (_, job) => {
    expect(sha256(await lossJobInput(job, scratch()))).toBe(stored(job.name).inputSha256);
  });

  it.each(byName)('of %s, on two workers, agrees with Keras', async (_, job) => {
    const { losses, rows, outcome, history } = await trainRecorded(job);
    expectClose(losses, stored(job.name).losses, LOSS_TOLERANCE);
    expectClose(history, epochMeans(losses, rows, history.length), 1e-12);
    if (job !== LOSS_JOBS[0]) return;
    const command = await trainJson([...jobArguments(job), '--workers', '1', '--out', join(scratch(), 'out')]);
    expect(command.parametersSha256).toBe(outcome.parametersSha256);
  });
});

interface KerasOutput {
  readonly keras: string;
  readonly backend: string;
  readonly dtype: string;
  readonly jobs: Readonly<Record<string, readonly number[]>>;
}

interface StoredLosses {
  /** Hash of what Keras was given: another one means other batches or parameters, not another formula. */
  readonly inputSha256: string;
  readonly losses: readonly number[];
}

function stored(name: string): StoredLosses {
  const { jobs } = JSON.parse(readFileSync(STORED, 'utf8')) as { jobs: Record<string, StoredLosses> };
  const found = jobs[name];
  if (!found) throw new Error(`nothing is stored for ${name}`);
  return found;
}

function store(
  made: Omit<KerasOutput, 'jobs'>,
  losses: KerasOutput['jobs'],
  inputs: Readonly<Record<string, LossJobInput>>,
): void {
  const jobs = Object.entries(inputs).map(([name, input]) => [
    name,
    { inputSha256: sha256(input), losses: losses[name] },
  ]);
  writeFileSync(STORED, JSON.stringify({ ...made, jobs: Object.fromEntries(jobs) }));
  execFileSync('npx', ['biome', 'format', '--write', STORED], { cwd: ROOT });
}

function sha256(input: LossJobInput): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}

/** A spec, and the table it is trained on and predicts. */
interface TrainedTable {
  readonly spec: string;
  readonly data: string;
}

const runs = new Map<string, Promise<JsonOutcome>>();
const work = mkdtempSync(join(tmpdir(), 'lockstep-reference-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Three epochs of a spec, trained once for all tests. */
function trained({ spec }: TrainedTable): Promise<JsonOutcome> {
  const out = join(work, String(runs.size));
  const run = runs.get(spec) ?? trainJson([spec, '--set', 'train.epochs=3', '--workers', '1', '--out', out]);
  runs.set(spec, run);
  return run;
}

function exampleTable(name: string): TrainedTable {
  return { spec: example(name), data: join(ROOT, 'examples', name, 'data.csv') };
}

/** A regression by two text columns and two numbers, each with empty cells; one category has a comma and a quote. */
function textTable(): TrainedTable {
  const folder = scratch();
  const shapes = ['round', '"long, ""thin"""', 'zwölf', ''];
  const rows = Array.from({ length: 90 }, (_, row) => {
    const size = row % 7 === 3 ? '' : String((row % 11) / 4 + row / 1000);
    const weight = row % 13 === 5 ? '' : String(1e6 + row * 37);
    return [shapes[row % 4], row % 5 === 0 ? '' : `kind ${row % 3}`, size, weight, (row % 4) - (row % 11) / 8].join(
      ',',
    );
  });
  writeFileSync(join(folder, 'data.csv'), `${['shape,kind,size,weight,y', ...rows].join('\n')}\n`);
  const spec = [
    'name: text',
    'data: { path: data.csv, label: y }',
    'model: [{ dense: { units: 8, activation: tanh } }, { dense: { units: 1 } }]',
    'train: { loss: mse, epochs: 3, batchSize: 8 }',
  ];
  writeFileSync(join(folder, 'job.yaml'), `${spec.join('\n')}\n`);
  return { spec: join(folder, 'job.yaml'), data: join(folder, 'data.csv') };
}

/** Cells by column; labels of these tables have no commas. */
function columnsOf(csv: string): Record<string, string[]> {
  const [header = [], ...rows] = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return Object.fromEntries(header.map((name, column) => [name, rows.map((row) => row[column] ?? '')]));
}

/** `unknown` is a mark of the command, not of the model. */
function expectSamePredictions(
  { unknown: _, ...ours }: Record<string, string[]>,
  theirs: Record<string, string[]>,
  csv: string,
): void {
  expect(Object.keys(ours)).toEqual(Object.keys(theirs));
  const isClassifier = Object.keys(ours).length > 1;
  for (const [name, cells] of Object.entries(ours)) {
    expect(cells).toHaveLength(csv.trimEnd().split('\n').length - 1);
    if (name === 'prediction' && isClassifier) expect(cells).toEqual(theirs[name]);
    else expect(largestDifference(cells, theirs[name] ?? []), name).toBeLessThanOrEqual(PREDICTION_TOLERANCE);
  }
}

/** NaN where a cell is no number, which no tolerance accepts. */
function largestDifference(ours: readonly string[], theirs: readonly string[]): number {
  return Math.max(...ours.map((cell, row) => Math.abs(Number.parseFloat(cell) - Number.parseFloat(theirs[row] ?? ''))));
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const differences = actual.map((value, step) => Math.abs(value / (expected[step] ?? Number.NaN) - 1));
  const largest = Math.max(...differences);
  expect(largest, `step ${differences.indexOf(largest)}`).toBeLessThanOrEqual(tolerance);
}

interface RecordedRun {
  readonly losses: readonly number[];
  /** Rows of each step. */
  readonly rows: readonly number[];
  readonly outcome: JsonOutcome;
  /** Loss of each epoch in history.csv. */
  readonly history: readonly number[];
}

/**
 * Followers are told a few steps a second, so the coordinator runs in this process, where each step's report can be
 * read, and so do its workers; nats-server and the client are processes of their own.
 */
async function trainRecorded(job: LossJob): Promise<RecordedRun> {
  const committed = vi.spyOn(CoordinatorMetrics.prototype, 'stepCommitted');
  onTestFinished(() => committed.mockRestore());
  const { address } = await RunningCoordinator.start();
  for (const name of ['worker-0', 'worker-1']) await joinWorker(name, address, await createEngine());
  const out = join(scratch(), 'out');
  const result = await lockstep(['submit', ...jobArguments(job), ...['--server', address, '--out', out, '--json']]);
  expect(result.code, result.stderr).toBe(0);
  expect(result.stderr).toContain('running 2 workers');
  const [header = '', ...epochs] = readFileSync(join(out, 'history.csv'), 'utf8').trimEnd().split('\n');
  const column = header.split(',').indexOf('loss');
  return {
    losses: committed.mock.calls.map(([, loss]) => loss),
    rows: committed.mock.calls.map(([rows]) => rows),
    outcome: lastJson(result),
    history: epochs.map((line) => Number(line.split(',')[column])),
  };
}

function jobArguments({ spec, overrides }: LossJob): string[] {
  return [spec, ...Object.entries(overrides).flatMap(([path, value]) => ['--set', `${path}=${value}`])];
}

function epochMeans(losses: readonly number[], rows: readonly number[], epochs: number): number[] {
  const perEpoch = losses.length / epochs;
  return Array.from({ length: epochs }, (_, epoch) => {
    const steps = Array.from({ length: perEpoch }, (_, step) => epoch * perEpoch + step);
    const sum = (value: (step: number) => number): number => steps.reduce((total, step) => total + value(step), 0);
    return sum((step) => (losses[step] ?? 0) * (rows[step] ?? 0)) / sum((step) => rows[step] ?? 0);
  });
}
