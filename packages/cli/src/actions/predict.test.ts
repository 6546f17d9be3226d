import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Rejects } from '@lockstep/data';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { modelFile, numbers, type Said, said, scratchFolder, tableFile, words } from '../testing/model-file.js';
import { type PredictOptions, predict } from './predict.js';

const run = (model: string, data: string, options: Partial<PredictOptions> = {}): Promise<Said> =>
  said(() => predict(model, data, { keep: [], ...options }));

/** What is written for a table, as text. */
async function written(
  model: string,
  data: string,
  name: string,
  options: Partial<PredictOptions> = {},
): Promise<string> {
  const out = join(scratchFolder(), name);
  const { error } = await run(model, data, { out, ...options });
  expect(error).toBe(null);
  const bytes = readFileSync(out);
  return (/\.gz$/i.test(name) ? gunzipSync(bytes) : bytes).toString('utf8');
}

describe('a row with a cell missing that training never had missing', () => {
  const holed = 'id,a,wood\n1,2,oak\n2,,oak\n3,1,\n4,NA,yew\n';
  const columns = [numbers('a'), words('wood', { drop: true })];

  it.each([
    ['binary', ['no', 'yes'], 1],
    ['binary, of whole numbers', ['0', '1'], 1],
    ['multiclass', ['a', 'b', 'c'], 3],
    ['multiclass, of whole numbers', ['3', '4', '7'], 3],
    ['regression', [], 0],
  ] as const)('has no prediction: %s', async (_, labels, shares) => {
    const model = modelFile(columns, labels);
    const table = tableFile(holed);
    const none = ','.repeat(shares);
    const csv = (await written(model, table, 'p.csv', { keep: ['id'] })).split('\n');
    expect(csv[1]).toMatch(/^1,[^,]+(,0\.\d+)*,$/);
    expect(csv.slice(2)).toEqual([`2,${none},`, `3,${none},`, `4,${none},wood`, '']);
    const array = JSON.parse(await written(model, table, 'p.json')) as Record<string, unknown>[];
    expect(array).toHaveLength(4);
    for (const row of array.slice(1))
      expect(Object.values({ ...row, unknown: null })).toEqual(Array(shares + 2).fill(null));
    const lines = (await written(model, table, 'p.jsonl.gz')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(array);
    expect((await written(model, table, 'p.tsv')).split('\n')[2]).toBe(`${none.replaceAll(',', '\t')}\t`);
  });

  it('is counted', async () => {
    const found = await run(modelFile(columns, ['0', '1']), tableFile(holed), {
      out: join(scratchFolder(), 'p.csv'),
      json: true,
    });
    expect(JSON.parse(found.stdout)).toMatchObject({ rows: 4, unpredicted: 3 });
    expect(found.stderr).toContain('3 rows without a prediction: a cell is missing that the model needs\n');
  });
});

describe('the ending of --out', () => {
  it.each(['p.xlsx', 'p.arrow', 'p.parquet.gz', 'p.gz', 'p.csv.zip', 'scored'])(
    '%s is refused before any work',
    async (name) => {
      const out = join(scratchFolder(), name);
      const { error } = await run('absent.onnx', 'absent.csv', { out });
      expect(error).toMatchObject({ code: 'USAGE', field: '--out', value: out });
      expect(error?.fix).toContain('.csv, .tsv, .jsonl, .json (one array) or .parquet');
    },
  );

  it('is not asked of a folder, which is refused as one', async () => {
    const out = scratchFolder();
    const { error } = await run('absent.onnx', 'absent.csv', { out });
    expect(error).toMatchObject({ code: 'OUTPUT_UNWRITABLE', message: `${out} is a folder.` });
  });

  it('may be in capitals, and says json of a table without rows too', async () => {
    const model = modelFile([numbers('a')]);
    expect(JSON.parse(await written(model, tableFile('a\n'), 'P.JSON'))).toEqual([]);
    expect(await written(model, tableFile('a\n'), 'P.CSV.GZ')).toBe('prediction\n');
  });
});

describe('--keep', () => {
  const table = 'a,"Name, first",id,x\n1,Ann,7,u\n';

  it('takes a name with commas in it as one where there is such a column, and may be repeated', async () => {
    const keep = ['Name, first', 'id,x', 'id'];
    const text = await written(modelFile([numbers('a')]), tableFile(table), 'p.csv', { keep });
    expect(text).toMatch(/^"Name, first",id,x,prediction\nAnn,7,u,/);
  });

  it.each([
    [',', 'USAGE', '--keep names no column.'],
    ['id,none', 'DATA_COLUMN_NOT_FOUND', 'new.csv has no column none.'],
  ])('refuses %s', async (keep, code, message) => {
    const { error } = await run(modelFile([numbers('a')]), tableFile(table), { keep: [keep] });
    expect(error).toMatchObject({ code, message });
  });
});

describe('a table that is refused late', () => {
  // Several chunks of the file: those before the bad cell are whole.
  const late = `a,long\n${`1,${'x'.repeat(1000)}\n`.repeat(3000)}x,\n`;

  it('leaves no file', async () => {
    const folder = scratchFolder();
    const { error, stderr } = await run(modelFile([numbers('a')]), tableFile(late), { out: join(folder, 'p.csv') });
    expect(error).toMatchObject({ code: 'DATA_VALUE', field: 'a' });
    expect(stderr).toBe('ignored columns: long\n');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has been written to standard output up to there, which is said', async () => {
    const { error, stdout, stderr } = await run(modelFile([numbers('a')]), tableFile(late));
    expect(error).toMatchObject({ code: 'DATA_VALUE', field: 'a' });
    const rows = stdout.split('\n').length - 2;
    const notAll = `The ${rows} rows written so far are not all of them: --out FILE writes all or nothing.`;
    expect(stderr).toBe(`ignored columns: long\n${notAll}\n`);
    expect(rows).toBeGreaterThan(0);
  });

  it('leaves no list of bad rows either', async () => {
    const folder = scratchFolder();
    const table = tableFile('b\n1\n');
    const { error } = await run(modelFile([numbers('a')]), table, { rejects: join(folder, 'r.csv') });
    expect([error?.code, existsSync(folder), readdirSync(folder)]).toEqual(['DATA_COLUMN_NOT_FOUND', true, []]);
  });
});

describe('an output that is a file of the table', () => {
  it.each([
    ['out', '--out', ''],
    ['rejects', '--rejects', ''],
    ['out', '--out', '*.csv'],
    ['rejects', '--rejects', '*.csv'],
  ] as const)('is refused of a folder or a pattern: %s', async (option, field, pattern) => {
    const file = tableFile('a\n1\n');
    const { error } = await run(modelFile([numbers('a')]), join(dirname(file), pattern), { [option]: file });
    expect(error).toMatchObject({ code: 'USAGE', field, value: file });
    expect(readFileSync(file, 'utf8')).toBe('a\n1\n');
  });

  it('is refused where it is the model', async () => {
    const model = modelFile([numbers('a')]);
    const { error } = await run(model, tableFile('a\n1\n'), { rejects: model });
    expect(error).toMatchObject({ code: 'USAGE', field: '--rejects', value: model });
  });
});

it('a list of bad rows may stand beside the files of the table, and is none of them', async () => {
  const folder = dirname(tableFile('a\n1\nx\n'));
  const { error } = await run(modelFile([numbers('a')]), folder, { rejects: join(folder, 'r.csv') });
  expect(error).toBe(null);
  expect(readFileSync(join(folder, 'r.csv'), 'utf8')).toMatch(/^file,[^\n]*\n[^\n]*,x\n$/);
});

describe('a list of bad rows that cannot be kept', () => {
  it.each(['p.csv', 'p.json.gz', 'p.parquet'])('leaves no %s', async (name) => {
    for (const fault of ['full', 'taken'] as const) {
      const folder = scratchFolder();
      const list = join(folder, 'r.csv');
      const spy = vi.spyOn(Rejects.prototype, 'close').mockImplementation(() => {
        if (fault === 'taken') mkdirSync(list);
        else throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      });
      onTestFinished(() => spy.mockRestore());
      const options = { out: join(folder, name), rejects: list };
      const { error } = await run(modelFile([numbers('a')]), tableFile('a\n1\nx\n'), options);
      expect(error).toMatchObject({ code: fault === 'full' ? 'DISK_FULL' : 'OUTPUT_UNWRITABLE', field: '--rejects' });
      expect(readdirSync(folder)).toEqual(fault === 'full' ? [] : ['r.csv']);
    }
  });
});

describe('numbers written in another way than those of the training data', () => {
  const german = 'a;b\n"1.299,5";x\n';

  it('are read where options say how', async () => {
    const model = modelFile([numbers('a')]);
    const [plain, comma] = [
      await written(model, tableFile('a\n1299.5\n'), 'p.csv'),
      await written(model, tableFile(german), 'p.csv', { decimal: ',', thousands: '.' }),
    ];
    expect(comma).toBe(plain);
  });

  it('are refused else, with the keys that read them', async () => {
    const { error } = await run(modelFile([numbers('a')]), tableFile(german));
    expect(error?.message).toContain('is 1299.5 with data.decimal: "," and data.thousands: "."');
  });
});
