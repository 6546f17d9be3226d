/** Tables that `lockstep init` must not take for something else, and what may stand at its --out. */
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandResult, lastJson, lockstep, scratch } from '../support/lockstep.ts';

/** Standard output by a name at which a fault can replace nothing of the machine, as it could /dev/stdout. */
const STDOUT = '/proc/self/fd/1';

interface Written {
  readonly result: CommandResult;
  readonly folder: string;
  readonly spec: () => string;
}

async function init(header: string, row: (index: number) => string, ...args: readonly string[]): Promise<Written> {
  const folder = scratch();
  const rows = Array.from({ length: 12 }, (_, index) => row(index));
  writeFileSync(join(folder, 'data.csv'), `${[header, ...rows].join('\n')}\n`);
  const result = await lockstep(['init', 'data.csv', '--label', 'y', '--json', ...args], { cwd: folder });
  return { result, folder, spec: () => readFileSync(join(folder, 'job.yaml'), 'utf8') };
}

describe('init', () => {
  it('leaves out a column named like an output of the model, and says why', async () => {
    const { result, folder, spec } = await init('a,prediction,y', (row) => `${row},${row + 1},${row % 2}`);
    expect(result.code, result.stderr).toBe(0);
    expect(spec()).toMatch(/ignore: \[prediction\] +# prediction: has the name of an output of the model, rename it/);
    expect((await lockstep(['validate', 'job.yaml'], { cwd: folder })).code).toBe(0);
  });

  it.each([
    ['y', (row: number) => String(row % 2)],
    ['a,y', (row: number) => `7,${row % 2}`],
  ])('refuses a table of %s without anything to predict from', async (header, row) => {
    const { result } = await init(header, row);
    expect([result.code, lastJson(result).error?.code]).toEqual([2, 'DATA_COLUMN_NOT_FOUND']);
    expect(lastJson(result).error?.message).toContain('no feature columns');
  });

  it('leaves out a column whose cells training would refuse, and says why', async () => {
    const row = (index: number): string =>
      `${index},${'9'.repeat(300)}${index},${index % 3 ? index : 'three'},${index % 2}`;
    const { result, spec } = await init('a,big,mixed,y', row);
    expect(result.code, result.stderr).toBe(0);
    expect(spec()).toMatch(
      /ignore: \[big, mixed\] +# big: Column big, row 1 \(line 2\): "9{80}\.\.\." is written in digits beyond/,
    );
    expect(result.stderr).toMatch(/^left out: big: Column big, .*\. Add big to data\.ignore if it is an id/);
    expect(JSON.parse(result.stdout)).toMatchObject({ ignored: [{ name: 'big' }, { name: 'mixed' }] });
    expect(spec()).toMatch(
      /; mixed: Column mixed, row 1 \(line 2\): "three" is not a number, but most of the column is\n/,
    );
  });

  it('says how numbers with commas are read, and writes what it was told of them into the spec', async () => {
    const row = (index: number): string => `${index};1.${100 + index},5;${index % 2}`;
    const silent = await init('a;price;y', row);
    expect(silent.result.stderr).toMatch(
      /^left out: price: Column price, .* decimal-comma numbers\. Give --decimal "," and --thousands "\."/,
    );
    const { result, folder, spec } = await init('a;price;y', row, '--decimal', ',', '--thousands', '.');
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(spec()).toContain('  decimal: ","\n  thousands: "."\n');
    expect((await lockstep(['validate', 'job.yaml'], { cwd: folder })).code).toBe(0);
  });

  it('never replaces the table it reads', async () => {
    const { result, folder } = await init('a,y', (row) => `${row},${row % 2}`, '--out', 'data.csv', '--force');
    expect([result.code, lastJson(result).error]).toEqual([
      2,
      expect.objectContaining({ code: 'USAGE', field: '--out' }),
    ]);
    expect(readFileSync(join(folder, 'data.csv'), 'utf8')).toMatch(/^a,y\n/);
  });

  it('takes the labels 1.0 and 0 for two classes', async () => {
    const { spec } = await init('a,y', (row) => `${row},${row % 2 ? '1.0' : '0'}`);
    expect(spec()).toContain('task: binary');
    expect(spec()).toContain('loss: binaryCrossEntropy');
  });

  it('refuses a label that is written 1.0 here and 1 there', async () => {
    const { result } = await init('a,y', (row) => `${row},${['0', '1', '1.0'][row % 3]}`);
    expect([result.code, lastJson(result).error?.code]).toEqual([2, 'DATA_LABEL']);
    expect(lastJson(result).error?.message).toContain('1 and 1.0');
  });

  it.skipIf(process.platform !== 'linux')('writes where a link leads, and into standard output', async () => {
    const row = (index: number): string => `${index},${index % 2}`;
    const folder = scratch();
    symlinkSync('far.yaml', join(folder, 'link.yaml'));
    const linked = await init('a,y', row, '--out', join(folder, 'link.yaml'));
    expect(linked.result.code, linked.result.stderr).toBe(0);
    expect(lstatSync(join(folder, 'link.yaml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'far.yaml'), 'utf8')).toContain('task: binary');
    const { result } = await init('a,y', row, '--out', STDOUT);
    expect(result.stdout).toMatch(
      /\n {2}path: data\.csv\n[\s\S]*\n\{"state":"written","spec":"\/proc\/self\/fd\/1","ignored":\[\]\}\n$/,
    );
  });
});
