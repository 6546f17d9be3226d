/** Bad input ends on one screen with the field, the value and the fix; exit 2 or 3; nothing half-written. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandResult, lastJson, lockstep, ROOT, scratch } from '../support/lockstep.ts';

const GOOD_ROWS = Array.from({ length: 40 }, (_, row) => `${row},${row % 7},${row % 2}`);
const BINARY = [
  'model: [{dense: {units: 1, activation: sigmoid}}]',
  'train: {loss: binaryCrossEntropy, epochs: 1, batchSize: 8}',
];

interface Fault {
  readonly csv?: string;
  readonly spec?: readonly string[];
  readonly data?: string;
  readonly args?: readonly string[];
}

async function trainFault(fault: Fault): Promise<{ result: CommandResult; out: string; folder: string }> {
  const folder = scratch();
  if (fault.csv !== undefined) writeFileSync(join(folder, 'data.csv'), fault.csv);
  const spec = ['name: fault', fault.data ?? 'data: {path: data.csv, label: y}', ...(fault.spec ?? BINARY)];
  writeFileSync(join(folder, 'job.yaml'), `${spec.join('\n')}\n`);
  const out = join(folder, 'out');
  const how = ['--workers', '1', '--out', out, '--json', ...(fault.args ?? [])];
  const result = await lockstep(['train', join(folder, 'job.yaml'), ...how]);
  return { result, out, folder };
}

function expectRefusal(result: CommandResult, out: string, exit: number, code: string): void {
  const outcome = lastJson(result);
  expect({ code: outcome.error?.code, exit: result.code, message: outcome.error?.message }).toMatchObject({
    code,
    exit,
  });
  expect(outcome.error?.fix || outcome.error?.problems?.length).toBeTruthy();
  expect(result.stderr.split('\n').length).toBeLessThan(50);
  expect(result.stderr).not.toMatch(/\n\s+at .*\.js:\d+/);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
}

const csv = (header: string, rows: readonly string[]): string => `${[header, ...rows].join('\n')}\n`;

describe('bad input', () => {
  it('a missing file is named', async () => {
    const { result, out } = await trainFault({});
    expectRefusal(result, out, 2, 'DATA_NOT_FOUND');
    expect(lastJson(result).error).toMatchObject({ field: 'data.path', value: 'data.csv' });
  });

  it('an empty CSV has no rows', async () => {
    const { result, out } = await trainFault({ csv: '' });
    expectRefusal(result, out, 2, 'DATA_EMPTY');
  });

  it('a header without rows has no rows', async () => {
    const { result, out } = await trainFault({ csv: 'a,b,y\n' });
    expectRefusal(result, out, 2, 'DATA_EMPTY');
  });

  it('an absent label column is named with the nearest one', async () => {
    const { result, out } = await trainFault({
      csv: csv('a,b,y', GOOD_ROWS),
      data: 'data: {path: data.csv, label: Y}',
    });
    expectRefusal(result, out, 2, 'DATA_COLUMN_NOT_FOUND');
    expect(lastJson(result).error?.value).toBe('Y');
    expect(`${lastJson(result).error?.message} ${lastJson(result).error?.fix}`).toMatch(/\by\b/);
  });

  it('a column without any value is named', async () => {
    const rows = GOOD_ROWS.map((row) => row.replace(/^\d+,/, ','));
    const { result, out } = await trainFault({ csv: csv('a,b,y', rows) });
    expectRefusal(result, out, 2, 'DATA_COLUMN_EMPTY');
    expect(lastJson(result).error?.field).toContain('a');
  });

  it('a label with one class only is refused', async () => {
    const rows = GOOD_ROWS.map((row) => row.replace(/,\d$/, ',1'));
    const { result, out } = await trainFault({ csv: csv('a,b,y', rows) });
    expectRefusal(result, out, 2, 'DATA_LABEL');
  });

  it('text in a numeric column is named with its line', async () => {
    const rows = GOOD_ROWS.map((row, index) => (index === 17 ? row.replace(/^17/, 'seventeen') : row));
    const { result, out } = await trainFault({ csv: csv('a,b,y', rows) });
    expectRefusal(result, out, 2, 'DATA_VALUE');
    expect(lastJson(result).error).toMatchObject({ value: expect.stringContaining('seventeen') });
    expect(lastJson(result).error?.message).toContain('19');
  });

  it('an infinite value is refused', async () => {
    const rows = GOOD_ROWS.map((row, index) => (index === 3 ? row.replace(/^3/, 'Infinity') : row));
    const { result, out } = await trainFault({ csv: csv('a,b,y', rows) });
    expectRefusal(result, out, 2, 'DATA_VALUE');
  });

  it('impossible spec values are refused before anything starts', async () => {
    const { result, out } = await trainFault({
      csv: csv('a,b,y', GOOD_ROWS),
      spec: [
        BINARY[0] as string,
        'train: {loss: binaryCrossEntropy, epochs: 0, batchSize: -1, optimizer: {type: adam, beta1: 2}}',
      ],
    });
    expectRefusal(result, out, 2, 'SPEC_INVALID');
    expect(lastJson(result).error?.problems?.map((problem) => problem.path)).toEqual(
      expect.arrayContaining(['train.epochs', 'train.batchSize']),
    );
  });

  it('an output layer that does not fit the loss is refused with both sides named', async () => {
    const { result, out } = await trainFault({
      csv: csv('a,b,y', GOOD_ROWS),
      spec: ['model: [{dense: {units: 3, activation: relu}}]', BINARY[1] as string],
    });
    expectRefusal(result, out, 2, 'SPEC_INVALID');
  });

  it('a layer that is not there yet says so and what works instead', async () => {
    const { result, out } = await trainFault({
      csv: csv('a,b,y', GOOD_ROWS),
      spec: ['model: [{conv2d: {filters: 8}}, {dense: {units: 1, activation: sigmoid}}]', BINARY[1] as string],
    });
    expectRefusal(result, out, 2, 'SPEC_INVALID');
    expect(lastJson(result).error?.problems?.[0]).toMatchObject({ code: 'SPEC_NOT_YET' });
    expect(JSON.stringify(lastJson(result).error?.problems?.[0])).toContain('dense');
  });

  it('a folder without files says so', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'images'));
    writeFileSync(join(folder, 'job.yaml'), ['data: {path: images, label: y}', ...BINARY, ''].join('\n'));
    const result = await lockstep(['train', join(folder, 'job.yaml'), '--out', join(folder, 'out'), '--json']);
    expect(result.code).toBe(2);
    expect(lastJson(result).error).toMatchObject({
      code: 'DATA_EMPTY',
      fix: expect.stringContaining('a folder with files'),
    });
  });

  it('a port in use is named', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const port = (blocker.address() as { port: number }).port;
    const { result, out } = await trainFault({ csv: csv('a,b,y', GOOD_ROWS), args: ['--port', String(port)] });
    blocker.close();
    expectRefusal(result, out, 2, 'PORT_IN_USE');
    expect(lastJson(result).error?.value).toContain(String(port));
  });

  it('an unreachable NATS ends with exit 3', async () => {
    const { result, out } = await trainFault({
      csv: csv('a,b,y', GOOD_ROWS),
      args: ['--nats', 'nats://127.0.0.1:1'],
    });
    expectRefusal(result, out, 3, 'NATS_UNREACHABLE');
  });

  it('an output folder that holds a run is refused', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'data.csv'), csv('a,b,y', GOOD_ROWS));
    writeFileSync(join(folder, 'job.yaml'), ['data: {path: data.csv, label: y}', ...BINARY, ''].join('\n'));
    writeFileSync(join(folder, 'model.onnx'), 'earlier');
    const result = await lockstep(['train', join(folder, 'job.yaml'), '--out', folder, '--json']);
    expect(result.code).toBe(2);
    expect(lastJson(result).error?.code).toBe('OUTPUT_EXISTS');
  });

  it('an output folder that cannot be made is refused before anything starts', async () => {
    const blocked = join(scratch(), 'file');
    writeFileSync(blocked, 'mine');
    const args = ['--out', join(blocked, 'out')];
    const { result } = await trainFault({ csv: csv('a,b,y', GOOD_ROWS), args });
    expect(result.code).toBe(2);
    expect(lastJson(result).error).toMatchObject({ code: 'OUTPUT_UNWRITABLE', field: '--out', value: args[1] });
    expect(result.stderr).not.toContain('coordinator ');
    expect(readFileSync(blocked, 'utf8')).toBe('mine');
  });

  it('--resume where nothing is refuses, and makes nothing', async () => {
    const { result, out } = await trainFault({ csv: csv('a,b,y', GOOD_ROWS), args: ['--resume'] });
    expectRefusal(result, out, 2, 'CHECKPOINT_NOT_FOUND');
    expect(lastJson(result).error?.value).toBe(out);
    expect(existsSync(out)).toBe(false);
  });

  it('a column named like an output of the model is refused before training', async () => {
    const { result, out } = await trainFault({ csv: csv('a,prediction,y', GOOD_ROWS) });
    expectRefusal(result, out, 2, 'MODEL_INVALID');
    expect(lastJson(result).error).toMatchObject({ value: 'prediction', fix: expect.stringContaining('Rename') });
    expect(result.stderr).not.toContain('epoch');
  });

  it.each(['worker --server 127.0.0.1:1', 'coordinator --port 0'])(
    'a level of the log that %s does not have is named',
    async (command) => {
      const cwd = scratch();
      const result = await lockstep([...command.split(' '), '--log-level', 'loud'], { cwd });
      expect([result.code, readdirSync(cwd)]).toEqual([2, []]);
      expect(result.stderr).toMatch(
        /USAGE: --log-level .*\n +field --log-level\n +value loud\n +fix +Use one of trace, /,
      );
    },
  );

  it('a working directory that is gone is said', async () => {
    const cwd = scratch();
    const command = `rmdir "$PWD" && exec "$0" "$1" init data.csv --label y --json`;
    const bin = join(ROOT, 'packages/cli/bin/lockstep.js');
    const { status, stdout } = spawnSync('sh', ['-c', command, process.execPath, bin], { cwd, encoding: 'utf8' });
    expect([status, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'USAGE', field: 'working directory' } }]);
  });

  it('a submit without a coordinator ends with exit 3', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'data.csv'), csv('a,b,y', GOOD_ROWS));
    writeFileSync(join(folder, 'job.yaml'), ['data: {path: data.csv, label: y}', ...BINARY, ''].join('\n'));
    const result = await lockstep(['submit', join(folder, 'job.yaml'), '--server', '127.0.0.1:1', '--json'], {
      cwd: folder,
    });
    expect(result.code).toBe(3);
    expect(lastJson(result).error?.code).toBe('SERVER_UNREACHABLE');
  });
});
