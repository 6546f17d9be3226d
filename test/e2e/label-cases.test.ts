/** Labels as people write them, from the command line to the metrics. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseFolder, metricsOf, predicted, refusal, set, trained } from '../support/cases.ts';
import { lastJson, lockstep, scratch } from '../support/lockstep.ts';

interface Metrics {
  readonly labels: readonly string[] | null;
  readonly averages: string | null;
  readonly rows: { readonly train: number; readonly test: number; readonly dropped: number };
  readonly test: { readonly loss: number; readonly recall: number };
  readonly confusionMatrix: { readonly labels: readonly string[] } | null;
  readonly classes: readonly { readonly label: string; readonly rows: number; readonly recall: number | null }[] | null;
}

describe('15: labels with blanks and in two cases', () => {
  const name = '15-label-trailing-blank';

  it('are shown with their counts and with the key that makes them one; nothing is written', async () => {
    const folder = caseFolder(name);
    const out = join(scratch(), 'out');
    const result = await lockstep(['train', join(folder, 'job.yaml'), '--workers', '1', '--out', out, '--json']);
    expect(result.code).toBe(2);
    expect(lastJson(result).error).toMatchObject({
      code: 'DATA_LABEL',
      message: 'The label label has 3 classes ("yes" 4, "no" 3, "Yes" 1), but binaryCrossEntropy needs two.',
      fix: expect.stringContaining('data.labels: {foldCase: true}'),
    });
    expect(existsSync(out)).toBe(false);
  });

  it('are two classes of eight rows with that key; the report says which is positive', async () => {
    const folder = caseFolder(name);
    const fold = set('data.labels={foldCase: true}');
    const model = await trained(folder, ...fold);
    const { labels, averages, rows } = metricsOf<Metrics>(model);
    expect([labels, rows.train + rows.test]).toEqual([['no', 'yes'], 8]);
    expect(averages).toBe('of the positive class, "yes"');
    const table = join(scratch(), 'new.csv');
    writeFileSync(table, 'x,label\n1,YES \n2,no\n');
    expect(lastJson(await lockstep(['evaluate', model, table, '--json']))).toMatchObject({ rows: 2 });
    const other = await trained(folder, ...set('data.labels={foldCase: true, positive: No}'));
    expect(metricsOf<Metrics>(other)).toMatchObject({ labels: ['yes', 'no'], averages: 'of the positive class, "no"' });
  });

  it('may be several with blanks that count, or one number in two spellings', async () => {
    const folder = caseFolder(name);
    expect(await refusal(folder, ...set('data.labels={trim: false, foldCase: true}'))).toMatchObject({
      fix: expect.stringContaining('data.labels: {trim: true}'),
    });
    writeFileSync(join(folder, 'data.csv'), 'x,label\n1,0\n2,1\n3,1.0\n4,0\n5,1\n');
    expect(await refusal(folder)).toMatchObject({ fix: '"1" and "1.0" are one number: write it in one way.' });
  });
});

describe('20: labels that are numbers with gaps', () => {
  const name = '20-gappy-labels';

  it('are classes under their own names, in predictions and metrics', async () => {
    const folder = caseFolder(name);
    const model = await trained(folder);
    const { labels, confusionMatrix, averages } = metricsOf<Metrics>(model);
    expect([labels, confusionMatrix?.labels]).toEqual([
      ['3', '4', '7'],
      ['3', '4', '7'],
    ]);
    expect(averages).toMatch(/^mean over all 3 classes/);
    const rows = await predicted(model, readFileSync(join(folder, 'data.csv'), 'utf8'));
    expect(rows.every(([label]) => ['3', '4', '7'].includes(label ?? ''))).toBe(true);
  });

  it('-1 and 1 train one sigmoid unit, and the report names the positive one', async () => {
    const folder = caseFolder(name);
    const binary = ['data.path=pm1.csv', 'data.label=s', 'train.loss=binaryCrossEntropy'];
    const model = await trained(folder, ...set(...binary, 'model=[{dense: {units: 1, activation: sigmoid}}]'));
    expect(metricsOf<Metrics>(model)).toMatchObject({ labels: ['-1', '1'], averages: 'of the positive class, "1"' });
    expect((await predicted(model, 'x\n0\n0.7\n')).every(([label]) => label === '-1' || label === '1')).toBe(true);
  });

  it('are refused by name where the last layer has another width', async () => {
    const folder = caseFolder(name);
    const layers = set('model=[{dense: {units: 2, activation: softmax}}]');
    const args = ['--workers', '1', '--out', join(scratch(), 'out'), '--json'];
    const result = await lockstep(['train', join(folder, 'job.yaml'), ...args, ...layers]);
    expect(result.code).toBe(2);
    expect(lastJson(result).error).toMatchObject({
      code: 'MODEL_INVALID',
      field: 'model[0].dense.units',
      message: expect.stringContaining('needs 3 outputs, one per class ("3", "4", "7")'),
    });
  });
});

describe('21: a class of one row', () => {
  const name = '21-rare-class-missing-in-test';

  it('is trained on and named; its recall is null, the averages say that they leave it out', async () => {
    const folder = caseFolder(name);
    const out = join(scratch(), 'out');
    const result = await lockstep(['train', join(folder, 'job.yaml'), '--workers', '1', '--out', out]);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toContain('The class "green" has no test rows');
    expect(result.stdout).toMatch(/averages {3}precision, recall, f1: mean over the \d of 4 classes that have rows/);
    const model = join(out, 'model.onnx');
    const { labels, classes, test } = metricsOf<Metrics>(model);
    expect(labels).toEqual(['blue', 'green', 'red', 'violet']);
    expect(classes?.map(({ label }) => label)).toEqual(labels);
    expect(classes?.[1]).toMatchObject({ label: 'green', rows: 0, recall: null, f1: null });
    expect(Number.isFinite(test.loss)).toBe(true);
    const [first] = await predicted(model, 'x,z\n18,4\n');
    expect(first).toHaveLength(5);
    // The same table measured as a whole: every class has rows.
    const evaluated = lastJson(await lockstep(['evaluate', model, join(folder, 'data.csv'), '--json']));
    expect(evaluated).toMatchObject({ rows: 19, classes: [{ rows: 8 }, { rows: 1 }, { rows: 8 }, { rows: 2 }] });
  });
});

describe('27: targets that are no numbers', () => {
  const name = '27-nan-inf-label';

  it('are reported by line, and left out and counted where the spec says so', async () => {
    const folder = caseFolder(name);
    expect(await refusal(folder)).toMatchObject({
      ...{ exit: 2, code: 'DATA_LABEL' },
      message:
        'The label y cannot be used: it is missing in row 2 (line 3), row 3 (line 4); "inf" in row 4 (line 5) is not a finite number.',
      fix: expect.stringContaining('data.labels: {onUnusable: drop}'),
    });
    const out = join(scratch(), 'out');
    const drop = set('data.labels={onUnusable: drop}', 'split.test=0');
    const result = await lockstep(['train', join(folder, 'job.yaml'), '--workers', '1', '--out', out, ...drop]);
    expect(result.stderr).toContain(
      '3 rows have no usable label y and are left out: row 2 (line 3), row 3 (line 4), row 4 (line 5).',
    );
    const model = join(out, 'model.onnx');
    expect(metricsOf<Metrics>(model).rows).toMatchObject({ train: 5, dropped: 3 });
    expect(readFileSync(join(out, 'metrics.json'), 'utf8')).not.toMatch(/NaN|Infinity/);
    const evaluated = lastJson(await lockstep(['evaluate', model, join(folder, 'data.csv'), '--json']));
    expect(evaluated).toMatchObject({ rows: 5, unlabelled: 3 });
  });

  it('a loss that is not finite fails the job with its step, and leaves no model', async () => {
    const out = join(scratch(), 'out');
    const folder = caseFolder(name);
    const result = await lockstep(['train', join(folder, 'diverge.yaml'), '--workers', '1', '--out', out, '--json']);
    expect(result.code).toBe(1);
    expect(lastJson(result).error).toMatchObject({ message: expect.stringMatching(/step \d+/) });
    expect(existsSync(join(out, 'model.onnx'))).toBe(false);
    expect(result.stdout).not.toMatch(/:\s*(NaN|-?Infinity)/);
  });

  it('classes may be missing too, and words among numbers', async () => {
    const folder = caseFolder(name);
    writeFileSync(join(folder, 'data.csv'), 'x,y\n1,2\n2,none\n3,4\n4,1e999\n5,10\n6,12\n');
    expect(await refusal(folder)).toMatchObject({
      message: expect.stringMatching(/"none" in row 2 .*"1e999" in row 4/),
    });
    expect((await refusal(folder, ...set('data.labels={onUnusable: drop}'))).exit).toBe(0);
    writeFileSync(join(folder, 'data.csv'), 'x,y\n1,a\n2,\n3,b\n4,a\n5,b\n');
    const classes = ['train.loss=binaryCrossEntropy', 'model=[{dense: {units: 1, activation: sigmoid}}]'];
    expect(await refusal(folder, ...set(...classes))).toMatchObject({
      message: expect.stringContaining('row 2 (line 3)'),
    });
    expect((await refusal(folder, ...set(...classes, 'data.labels={onUnusable: drop}'))).exit).toBe(0);
  });
});
