import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelFile, numbers, said, tableFile } from '../testing/model-file.js';
import { evaluate } from './evaluate.js';

describe('rows that have no prediction', () => {
  const columns = [numbers('a')];

  it.each([
    [['no', 'yes'], 'yes', 'no'],
    [['0', '1', '2'], '1', '2'],
    [[], '1.5', '0.5'],
  ] as const)('are left out and counted: labels %j', async (labels, first, second) => {
    const model = modelFile(columns, labels);
    const measured = async (table: string): Promise<Record<string, unknown>> => {
      const { stdout, error } = await said(() => evaluate(model, tableFile(table), { json: true }));
      expect(error).toBe(null);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const whole = await measured(`a,y\n1,${first}\n-2,${second}\n`);
    const holed = await measured(`a,y\n,${first}\n1,${first}\nNA,${second}\n-2,${second}\n`);
    expect(whole).toMatchObject({ rows: 2, unpredicted: 0 });
    expect(holed).toEqual({ ...whole, unpredicted: 2 });
  });

  it('are said, and where there are no others the table is refused with them', async () => {
    const model = modelFile(columns, ['no', 'yes']);
    const { stderr } = await said(() => evaluate(model, tableFile('a,y\n1,no\n,yes\n'), {}));
    expect(stderr).toBe('rows without a prediction, for a missing cell, left out: 1\n');
    const { error } = await said(() => evaluate(model, tableFile('a,y\n,yes\n'), {}));
    expect(error).toMatchObject({
      code: 'DATA_EMPTY',
      message: expect.stringMatching(
        /new\.csv has no rows to measure on\. Rows without a prediction, for a missing cell, left out: 1\.$/,
      ),
    });
  });
});

it('leaves bad rows out where it is told to, and says so', async () => {
  const model = modelFile([numbers('a')]);
  const rejects = tableFile('', 'rejects.csv');
  const { stdout, error } = await said(() => evaluate(model, tableFile('a,y\n1,2\nx,1\n3\n'), { json: true, rejects }));
  expect(error).toBe(null);
  expect(JSON.parse(stdout)).toMatchObject({ rows: 1, rejects: 2 });
});

it('keeps the list of bad rows where no row is left, and says so', async () => {
  const rejects = tableFile('', 'rejects.csv');
  const { error } = await said(() => evaluate(modelFile([numbers('a')]), tableFile('a,y\nx,1\n3\n'), { rejects }));
  expect(error).toMatchObject({
    ...{ code: 'DATA_EMPTY', fix: `Mend the rows that ${rejects} lists.` },
    message: expect.stringMatching(/new\.csv has no rows to measure on\. 2 bad rows left out: .*rejects\.csv\.$/),
  });
  expect(readFileSync(rejects, 'utf8').trimEnd().split('\n')).toHaveLength(3);
});

it('does not replace a file of the table, given as a folder, by its list', async () => {
  const rejects = tableFile('a,y\n1,2\n');
  const { error } = await said(() => evaluate(modelFile([numbers('a')]), dirname(rejects), { rejects }));
  expect(error).toMatchObject({ code: 'USAGE', field: '--rejects', value: rejects });
});

it('takes no target that float32 cannot hold', async () => {
  const { error } = await said(() => evaluate(modelFile([numbers('a')]), tableFile('a,y\n1,2\n2,1e39\n'), {}));
  expect(error).toMatchObject({ code: 'DATA_LABEL', field: 'y', value: '1e39' });
});
