/** Runs that do not go as planned, from the command line: stopped early, or with numbers that are not finite. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lastJson, lockstep, ROOT, trainJson } from '../support/lockstep.ts';

const work = mkdtempSync(join(tmpdir(), 'lockstep-course-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const set = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`]);

/** 32 rows of which one is too large to be squared. */
function hugeRow(): string {
  const rows = Array.from({ length: 32 }, (_, row) => `${row === 20 ? '1e30' : row / 32},${row % 5}`);
  writeFileSync(join(work, 'huge.csv'), `x,y\n${rows.join('\n')}\n`);
  const lines = [
    'data: {path: huge.csv, label: y}',
    'split: {test: 0}',
    'preprocess: {scale: none}',
    'model: [{dense: {units: 1}}]',
    'train: {loss: mse, optimizer: adam, epochs: 3, batchSize: 8}',
  ];
  writeFileSync(join(work, 'huge.yaml'), lines.join('\n'));
  return join(work, 'huge.yaml');
}

describe('numbers that are not finite', () => {
  it('end the command with step, epoch, lane and rows, alike on any number of workers', async () => {
    const exploding = set({ 'train.optimizer': '{type: sgd, learningRate: 1e30}', 'train.epochs': '3' });
    const messages: string[] = [];
    for (const workers of ['1', '3']) {
      const out = join(work, `exploding-${workers}`);
      const args = ['train', join(ROOT, 'examples/breast-cancer/job.yaml'), ...exploding];
      const result = await lockstep([...args, '--workers', workers, '--out', out, '--json']);
      const { state, error } = lastJson(result);
      expect(result.code).toBe(1);
      expect({ state, code: error?.code }).toEqual({ state: 'failed', code: 'NUMERICS_NOT_FINITE' });
      messages.push(error?.message ?? '');
    }
    expect(messages[0]).toMatch(
      /in step \d+\. Epoch 1: the (gradient|loss) of lane \d \(rows? \d+.* of its global batch\)/,
    );
    expect(messages[1]).toBe(messages[0]);
  });

  it('are left out where the spec says so, with the same bits however it is done', async () => {
    const spec = hugeRow();
    const run = (name: string, workers: string, onNonFinite: string) =>
      trainJson([spec, ...set({ 'train.onNonFinite': onNonFinite }), '--workers', workers, '--out', join(work, name)]);
    const skipped = await run('skip', '1', 'skip');
    expect(skipped).toMatchObject({ state: 'succeeded', epochs: 3, skippedSteps: 3, earlyStopping: null });
    expect((await run('skip-3', '3', 'skip')).parametersSha256).toBe(skipped.parametersSha256);
    expect((await run('rewind', '2', 'rewind')).parametersSha256).toBe(skipped.parametersSha256);
  });
});

it('a run that stops early says so, and why', async () => {
  const args = set({
    'split.validation': '0.2',
    'train.epochs': '30',
    'train.earlyStopping': '{patience: 1, minDelta: 0.05, restoreBestWeights: true}',
  });
  const spec = join(ROOT, 'examples/breast-cancer/job.yaml');
  const result = await lockstep(['train', spec, ...args, '--workers', '1', '--out', join(work, 'early')]);
  expect(result.code).toBe(0);
  const reason =
    /stopped after epoch (\d+) of 30: validationLoss was best in epoch (\d+), [\d.e-]+, and has not improved by more than 0\.05 for 1 epoch \(patience 1\)/;
  const [, stopped, best] = reason.exec(result.stdout) ?? [];
  expect(Number(stopped)).toBe(Number(best) + 1);
  expect(result.stdout).toContain(`the parameters are those of epoch ${best}`);
  expect(result.stderr).toMatch(reason);
});
