/** Inputs of the kind that broke other products, from the command line to the predictions. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeModel } from '@lockstep/model';
import { describe, expect, it } from 'vitest';
import { lastJson, lockstep, ROOT, scratch, trainJson } from '../support/lockstep.ts';

const CASES = join(ROOT, 'test/cases');

async function trained(name: string, ...args: readonly string[]): Promise<string> {
  return (await trainJson([join(CASES, name, 'job.yaml'), '--workers', '1', '--out', join(scratch(), 'out'), ...args]))
    .model;
}

async function predicted(model: string, csv: string): Promise<string[][]> {
  const result = await lockstep(['predict', model, csv]);
  if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr}`);
  return result.stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

describe('24: a category that training did not see', () => {
  const folder = join(CASES, '24-unseen-category');

  it('is encoded as none of the known ones, is marked, and another case is another category', async () => {
    const model = await trained('24-unseen-category');
    const rows = await predicted(model, join(folder, 'predict.csv'));
    expect(rows.map((row) => row[2])).toEqual(['wood', '', 'wood', '']);
    expect(rows.every((row) => Number(row[1]) > 0 && Number(row[1]) < 1)).toBe(true);
  });

  it('refuses its batch under the policy error, and nothing is written', async () => {
    const model = await trained('24-unseen-category', '--set', 'preprocess.unknown=error');
    const out = join(scratch(), 'scored.csv');
    const result = await lockstep(['predict', model, join(folder, 'predict.csv'), '--out', out, '--json']);
    expect(result.code).toBe(2);
    expect(lastJson(result).error).toMatchObject({ code: 'DATA_UNKNOWN_CATEGORY', field: 'wood', value: 'yew' });
    expect(existsSync(out) || existsSync(`${out}.partial`)).toBe(false);
  });
});

describe('25: columns in another order', () => {
  const folder = join(CASES, '25-reordered-predict-columns');

  it('are matched by name; extra ones are named; absent ones and a missing header are refused', async () => {
    const model = await trained('25-reordered-predict-columns');
    const original = await predicted(model, join(folder, 'data.csv'));
    expect(await predicted(model, join(folder, 'reordered.csv'))).toEqual(original.slice(0, 2));
    const extra = await lockstep(['predict', model, join(folder, 'extra.csv')]);
    expect(extra.stdout.trimEnd().split('\n').slice(1)).toEqual(original.slice(0, 2).map((row) => row.join(',')));
    expect(extra.stderr).toMatch(/ignored.*zzz/);
    const missing = await lockstep(['predict', model, join(folder, 'missing.csv')]);
    expect([missing.code, missing.stdout]).toEqual([2, expect.not.stringMatching(/\d/)]);
    expect(missing.stderr).toMatch(/no column b[\s\S]*Did you mean B/);
    const noHeader = await lockstep(['predict', model, join(folder, 'noheader.csv')]);
    expect(noHeader.code).toBe(2);
  });
});

describe('30: a batch that lanes cannot cut evenly', () => {
  it('gives the gradient of the mean over samples, with the same bits for 1, 2, 3 and 5 workers', async () => {
    const hashes = new Set<string>();
    for (const workers of [1, 2, 3, 5]) {
      const out = join(scratch(), 'out');
      const spec = join(CASES, '30-uneven-last-batch/job.yaml');
      const outcome = await trainJson([spec, '--workers', String(workers), '--out', out]);
      hashes.add(outcome.parametersSha256);
      const kernel = decodeModel(readFileSync(outcome.model)).graph.initializers.find(
        ({ name }) => name === '0_dense/kernel',
      );
      expect(kernel?.data[0]).toBeCloseTo(0.44, 6);
      expect(readFileSync(join(out, 'history.csv'), 'utf8').split('\n')[1]).toMatch(/^1,44,/);
    }
    expect(hashes.size).toBe(1);
  });
});

describe('rows that weigh differently', () => {
  it('give the gradient of the sum of weight times loss over the number of rows, for any number of workers', async () => {
    const folder = scratch();
    cpSync(join(CASES, '30-uneven-last-batch/job.yaml'), join(folder, 'job.yaml'));
    writeFileSync(join(folder, 'data.csv'), 'x,y,w\n1,2,1\n2,4,0\n3,6,2\n4,8,0.5\n5,10,1\n');
    const hashes = new Set<string>();
    for (const workers of [1, 3]) {
      const args = ['--set', 'data.weight=w', '--workers', String(workers), '--out', join(scratch(), 'out')];
      const outcome = await trainJson([join(folder, 'job.yaml'), ...args]);
      hashes.add(outcome.parametersSha256);
      const { initializers } = decodeModel(readFileSync(outcome.model)).graph;
      // From 0 with a rate of 0.01: 0.01 * 2 / 5 * (1 * 1 * 2 + 2 * 3 * 6 + 0.5 * 4 * 8 + 1 * 5 * 10), as Keras 3.
      expect(initializers.find(({ name }) => name === '0_dense/kernel')?.data[0]).toBeCloseTo(0.416, 6);
    }
    expect(hashes.size).toBe(1);
  });
});

describe('35: numbers and typos in a spec', () => {
  const folder = join(CASES, '35-spec-numbers-and-typos');

  it('reports all five problems with line and path, and creates nothing', async () => {
    const out = join(scratch(), 'out');
    const result = await lockstep(['train', join(folder, 'bad.yaml'), '--out', out, '--json']);
    expect(result.code).toBe(2);
    const problems = lastJson(result).error?.problems ?? [];
    expect(problems.map(({ path, line }) => [path, line])).toEqual([
      ['train.loss', 6],
      ['train.optimizer.learningRte', 7],
      ['train.epochs', 8],
      ['train.batchSize', 9],
      ['train.seed', 11],
    ]);
    expect(JSON.stringify(problems)).toMatch(/learningRate/);
    expect(existsSync(out)).toBe(false);
  });

  it('reads no as text, 1e-3 as a number and 08 as 8', async () => {
    const result = await lockstep(['validate', join(folder, 'good.yaml'), '--json']);
    const { spec } = lastJson(result) as unknown as {
      spec: { name: string; train: { epochs: number; optimizer: { learningRate: number } } };
    };
    expect([spec.name, spec.train.epochs, spec.train.optimizer.learningRate]).toEqual(['no', 8, 0.001]);
  });
});

describe('51: numbers that float32 cannot tell apart', () => {
  it('are scaled in float64, in training and in model.onnx', async () => {
    const args = ['--workers', '1', '--out', join(scratch(), 'out')];
    const outcome = await trainJson([join(CASES, '51-float32-collapse/job.yaml'), ...args]);
    expect(outcome.exportDifference).toBeLessThan(1e-5);
    const result = await lockstep(['evaluate', outcome.model, join(CASES, '51-float32-collapse/data.csv'), '--json']);
    const { metrics } = lastJson(result) as unknown as { metrics: { accuracy: number } };
    expect(metrics.accuracy).toBeGreaterThan(0.9);
    const rows = await predicted(outcome.model, join(CASES, '51-float32-collapse/data.csv'));
    expect(new Set(rows.map((row) => row[1])).size).toBeGreaterThan(20);
  });
});
