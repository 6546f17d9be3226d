/** The reference job from CSV to model.onnx: separate processes, real gRPC, a real nats-server. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, type JsonOutcome, ROOT, trainJson } from '../support/lockstep.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const work = mkdtempSync(join(tmpdir(), 'lockstep-reference-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the reference job', () => {
  const runs = new Map<number, JsonOutcome>();
  beforeAll(async () => {
    for (const workers of [1, 2, 3, 4]) {
      runs.set(workers, await trainJson([SPEC, '--workers', String(workers), '--out', join(work, `w${workers}`)]));
    }
  });

  it('succeeds with two workers and says what it did', () => {
    const outcome = runs.get(2);
    expect(outcome).toMatchObject({ state: 'succeeded', lanes: 4, reproducible: true });
    expect(outcome?.parametersSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(outcome?.numericClass).toContain('onnxruntime');
    expect(outcome?.metrics.test.accuracy).toBeGreaterThanOrEqual(0.93);
    expect(Object.keys(outcome?.metrics.test ?? {}).sort()).toEqual(['accuracy', 'f1', 'loss', 'precision', 'recall']);
    expect(outcome?.exportDifference).toBeLessThan(1e-5);
  });

  it('leaves model.onnx, metrics.json, spec.yaml, history.csv, report.html and events', () => {
    const directory = join(work, 'w2');
    expect(readdirSync(directory).sort()).toEqual([
      'checkpoints',
      'events',
      'history.csv',
      'metrics.json',
      'model.onnx',
      'report.html',
      'spec.yaml',
    ]);
    expect(runs.get(2)?.model).toBe(join(directory, 'model.onnx'));
    const history = readFileSync(join(directory, 'history.csv'), 'utf8').trimEnd().split('\n');
    expect(history).toHaveLength(11);
    expect(existsSync(join(directory, 'model.onnx'))).toBe(true);
  });

  it('gives the same parameters for 1, 2, 3 and 4 workers', () => {
    const hashes = [...runs.values()].map((outcome) => outcome.parametersSha256);
    expect(new Set(hashes).size).toBe(1);
  });

  it('leaves a spec.yaml that trains the same again from where it is', async () => {
    const again = await trainJson([join(work, 'w2', 'spec.yaml'), '--workers', '1', '--out', join(work, 'again')]);
    expect(again.parametersSha256).toBe(runs.get(2)?.parametersSha256);
  });

  it('gives other parameters for another seed', async () => {
    const other = await trainJson([SPEC, '--seed', '7', '--workers', '1', '--out', join(work, 'seed7')]);
    expect(other.parametersSha256).not.toBe(runs.get(2)?.parametersSha256);
  });
});

it('trains a spec that can be read once only, such as a pipe', async () => {
  const script = 'cat "$1" | "$2" "$3" train /dev/stdin --set data.path="$4" --set train.epochs=1 --out "$5" --json';
  const data = join(ROOT, 'examples/breast-cancer/data.csv');
  const args = [SPEC, process.execPath, BIN, data, join(work, 'piped')];
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script, 'sh', ...args]);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ state: 'succeeded' });
});
