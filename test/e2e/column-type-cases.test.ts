/** Tables whose columns are easily taken for what they are not, from the command line to the predictions. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseFolder, predicted, refusal, set, trained } from '../support/cases.ts';
import { lastJson, lockstep, scratch, trainJson } from '../support/lockstep.ts';

describe('03: a type that changes late', () => {
  it('is seen in the last rows, and the cell is named', async () => {
    const folder = caseFolder('03-type-changes-late');
    expect(await refusal(folder)).toMatchObject({
      ...{ exit: 2, code: 'DATA_VALUE', field: 'build', value: '11.0.1' },
      message: expect.stringContaining('row 20900 (line 20901)'),
    });
  });

  it('and with the type named, all rows load; so does a column whose only text or fraction comes late', async () => {
    const folder = caseFolder('03-type-changes-late');
    const result = await lockstep(['validate', join(folder, 'job.yaml'), ...set('data.types.build=text')]);
    expect([result.code, result.stderr]).toEqual([0, expect.stringContaining('21000 rows')]);
    // A boolean that is none in the last row, and a word after 20,000 numbers.
    const rows = Array.from({ length: 20_000 }, (_, row) => `${row === 19_999 ? 'unknown' : 'yes'},${row % 2}`);
    writeFileSync(join(folder, 'data.csv'), `paid,y\n${rows.join('\n')}\n`);
    expect(await refusal(folder, ...set('data.types={paid: boolean}'))).toMatchObject({
      message: expect.stringContaining('row 20000 (line 20001): "unknown" is not a boolean'),
    });
  });
});

describe('05: decimal commas', () => {
  const name = '05-decimal-comma';

  it('are refused with the keys that read them', async () => {
    expect(await refusal(caseFolder(name))).toMatchObject({
      ...{ exit: 2, code: 'DATA_VALUE', field: 'price' },
      message:
        'Column price, row 1 (line 2): "1.299,99" is no number, but the column looks like decimal-comma numbers.',
      fix: expect.stringContaining('Set data.decimal: "," and data.thousands: "." ("1.299,99" is 1299.99 then)'),
    });
  });

  it('are read with these keys, and the model holds later tables to them', async () => {
    const folder = caseFolder(name);
    const model = await trained(folder, ...set('data.decimal=","', 'data.thousands="."', 'split.test=0'));
    const same = await predicted(model, 'price;kg\n1.299,99;1,25\n1299,99;1,250\n1.000.000;2\n');
    expect(same[0]).toEqual(same[1]);
    expect(same[2]).not.toEqual(same[0]);
    const file = join(scratch(), 'points.csv');
    writeFileSync(file, 'price;kg\n1,5;1.25\n');
    const refused = await lockstep(['predict', model, file]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/kg, line 2 of points.csv is not a number as the column writes them .*: "1\.25"/),
    ]);
  });

  it('are told from commas between thousands; a comma that may be either is refused with both readings', async () => {
    const folder = caseFolder(name);
    writeFileSync(join(folder, 'data.csv'), 'sku;price;y\na;1,299.99;1\nb;12;0\nc;3;1\nd;4;0\n');
    expect(await refusal(folder)).toMatchObject({ fix: expect.stringContaining('Set data.thousands: ","') });
    expect((await refusal(folder, ...set('data.thousands=","'))).exit).toBe(0);
    writeFileSync(join(folder, 'data.csv'), 'sku;price;y\na;1,299;1\nb;12;0\nc;3;1\nd;4;0\n');
    expect(await refusal(folder)).toMatchObject({ message: expect.stringContaining('as 1.299 and as 1299') });
  });
});

describe('07: times with and without a zone', () => {
  const name = '07-naive-timestamps';

  it('mean the same wherever the process runs, in training and in predictions', async () => {
    const folder = caseFolder(name);
    const runs: { parametersSha256: string; model: string; exportDifference: number }[] = [];
    for (const TZ of ['UTC', 'Asia/Kolkata']) {
      const args = ['--workers', '1', '--out', join(scratch(), 'out')];
      runs.push(await trainJson([join(folder, 'job.yaml'), ...args], { env: { TZ } }));
    }
    const [utc, kolkata] = runs;
    expect(kolkata?.parametersSha256).toBe(utc?.parametersSha256);
    expect(utc?.exportDifference).toBeLessThan(1e-5);
    const scored = async (TZ: string): Promise<string[]> => {
      const result = await lockstep(['predict', utc?.model ?? '', join(folder, 'predict.csv')], { env: { TZ } });
      return result.stdout.trimEnd().split('\n').slice(1);
    };
    const rows = await scored('UTC');
    expect(rows).toHaveLength(3);
    expect(rows[1]).toBe(rows[0]);
    expect(await scored('America/New_York')).toEqual(rows);
  });

  it('are read in the zone and the format that the spec names, as later tables are', async () => {
    const folder = caseFolder(name);
    const german = ['01.07.2025 12:00', '02.07.2025 13:00', '03.12.2025 14:00', '04.12.2025 15:00'];
    writeFileSync(join(folder, 'data.csv'), `at,y\n${german.map((at, row) => `${at},${row % 2}`).join('\n')}\n`);
    expect(await refusal(folder)).toMatchObject({
      message: 'Column at, row 1 (line 2): "01.07.2025 12:00" can be read as 2025-07-01 and as 2025-01-07.',
    });
    const zone = set('data.timeZone=Europe/Berlin', 'split.test=0', 'preprocess.columns={}');
    const model = await trained(folder, ...zone, ...set('data.dateFormats={at: "dd.MM.yyyy HH:mm"}'));
    const described = lastJson(await lockstep(['describe', model, '--json'])) as unknown as Described;
    const fill = german.map((at) =>
      Date.parse(`${at.slice(6, 10)}-${at.slice(3, 5)}-${at.slice(0, 2)}T${at.slice(11)}Z`),
    );
    const offsets = [2, 2, 1, 1].map((hours) => hours * 3_600_000);
    const mean = fill.reduce((sum, ms, row) => sum + (ms - offsets[row]!) / 4, 0);
    expect(described.columns[0]).toMatchObject({ type: 'date', input: 'float64', plan: { fill: mean } });
    const file = join(scratch(), 'new.csv');
    writeFileSync(file, 'at\n2025-07-01 12:00\n');
    const refused = await lockstep(['predict', model, file]);
    expect(refused.stderr).toContain('is not a date in the format dd.MM.yyyy HH:mm: "2025-07-01 12:00"');
  });
});

/** The part of `describe --json` that is looked at. */
interface Described {
  readonly columns: readonly { readonly plan: { readonly fill: number } }[];
}

describe('12: whole numbers that float64 cannot hold', () => {
  const name = '12-big-int-ids';

  it('are refused as a feature, also negative ones and a single one among small ones', async () => {
    const folder = caseFolder(name);
    const asFeature = set('data.ignore=[]');
    const refused = { exit: 2, code: 'DATA_VALUE', field: 'account', fix: expect.stringContaining('data.ignore') };
    expect(await refusal(folder, ...asFeature)).toMatchObject(refused);
    for (const id of ['-9007199254740993', '9007199254740993']) {
      writeFileSync(join(folder, 'data.csv'), `account,x,y\n1,0.5,1\n2,0.5,0\n${id},0.1,1\n`);
      expect(await refusal(folder, ...asFeature)).toMatchObject({ ...refused, value: id });
    }
  });
});

describe('14: booleans in many spellings', () => {
  const name = '14-bool-spellings';

  it('are one column; every spelling and case predicts the same, in model.onnx too; another one is refused', async () => {
    const folder = caseFolder(name);
    const model = await trained(folder, ...set('split.test=0'));
    const original = await predicted(model, readFileSync(join(folder, 'data.csv'), 'utf8'));
    expect(await predicted(model, readFileSync(join(folder, 'predict.csv'), 'utf8'))).toEqual(original);
    expect(await predicted(model, 'active,visits\n ON ,0\noFF,1\n')).toEqual(original.slice(0, 2));
    const refused = await lockstep(['predict', model, join(folder, 'predict2.csv')]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/Column active, line 2 of .* is not a boolean \(true, t, yes, y, on, 1 .*\): "maybe"/),
    ]);
  });

  it('stand in the schema that the model carries, beside the label', async () => {
    const folder = caseFolder(name);
    const settings = ['split.test=0', 'data.nulls=["-"]', 'data.labels={foldCase: true, positive: 0}'];
    const model = await trained(folder, ...set(...settings));
    const text = await lockstep(['describe', model]);
    expect([text.code, text.stderr]).toEqual([0, '']);
    expect(text.stdout).toMatch(/predicts +y: "1", "0" \(positive\)/);
    expect(text.stdout).toMatch(/active │ boolean │ 0\.5 +│ 1 or 0/);
    expect(text.stdout).toMatch(/visits │ number {2}│ 0\.5 +│ \(x - 0\.5\) \/ 0\.5/);
    const described = lastJson(await lockstep(['describe', model, '--json']));
    expect(described).toMatchObject({
      label: { name: 'y', classes: ['1', '0'], positive: '0', trim: true, foldCase: true, onUnusable: 'fail' },
      nulls: ['-'],
      numbers: { decimal: '.', thousands: '' },
      columns: [
        { name: 'active', type: 'boolean', input: 'string', plan: { fill: 0.5 } },
        { name: 'visits', type: 'number', input: 'float64' },
      ],
    });
    const absent = await lockstep(['describe', join(scratch(), 'none.onnx')]);
    expect([absent.code, absent.stderr]).toEqual([2, expect.stringContaining('MODEL_NOT_FOUND')]);
  });

  it('and a column of 0 and 1 alone stays a number, unless the spec says otherwise', async () => {
    const folder = caseFolder(name);
    const model = await trained(folder, ...set('split.test=0'));
    const file = join(scratch(), 'number.csv');
    writeFileSync(file, 'active,visits\nyes,yes\n');
    expect((await lockstep(['predict', model, file])).stderr).toContain(
      'Column visits, line 2 of number.csv is not a number: "yes"',
    );
    const declared = await trained(folder, ...set('split.test=0', 'data.types={visits: boolean}'));
    expect(await predicted(declared, 'active,visits\nyes,yes\n')).toEqual(
      await predicted(declared, 'active,visits\n1,1\n'),
    );
  });
});

describe('18: a column with a value of its own in each row', () => {
  const name = '18-high-cardinality';

  it('is refused with its counts and the ways out; without it the rest trains', async () => {
    const folder = caseFolder(name);
    expect(await refusal(folder)).toMatchObject({
      ...{ exit: 2, code: 'DATA_TOO_MANY_CATEGORIES', field: 'session' },
      message: 'Column session has 20000 different values in 20000 rows, at most 1000 are encoded.',
      fix: expect.stringMatching(/data\.ignore.*preprocess\.maxCategories/),
    });
    expect((await refusal(folder, ...set('data.ignore=[session]'))).exit).toBe(0);
  });
});
