import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareData, startPreparation } from './prepare.js';
import { runPreparation } from './run-preparation.js';
import { requestFor } from './testing/tables.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const TABLE = `a,y\n${Array.from({ length: 40 }, (_, row) => `${row},${row % 2}\n`).join('')}`;

// The process runs compiled code.
beforeAll(() => {
  if (!existsSync(`${folder}/dist/prepare-process.js`)) {
    execFileSync('npx', ['tsc', '-b', folder], { stdio: 'inherit' });
  }
}, 120_000);

describe('prepareData', () => {
  it('gives what preparing in this process gives', async () => {
    const request = requestFor(TABLE);
    const apart = await prepareData(request);
    expect(await runPreparation(request)).toEqual(apart);
  });

  it('hands an error through with its code, field, value and fix', async () => {
    const request = requestFor(TABLE.replace('\n7,1', '\nseven,1'));
    const here: unknown = await runPreparation(request).catch((thrown: unknown) => thrown);
    await expect(prepareData(request)).rejects.toEqual(here);
    expect(here).toMatchObject({ code: 'DATA_VALUE', field: 'a', value: 'seven' });
  });

  it('ends when it is cancelled, before or during the work, and leaves nothing', async () => {
    const before = requestFor(TABLE);
    await expect(prepareData({ ...before, signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ code: 'JOB_CANCELLED' }),
    );
    const during = requestFor(TABLE);
    const controller = new AbortController();
    const running = prepareData({ ...during, signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toThrow(expect.objectContaining({ code: 'JOB_CANCELLED' }));
    expect([before, during].map(({ outDirectory }) => existsSync(outDirectory))).toEqual([false, false]);
  });
});

describe('startPreparation', () => {
  it('reports a process that died before it was asked', async () => {
    const preparation = startPreparation();
    preparation.dispose();
    await expect(preparation.run(requestFor(TABLE))).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_PREPARATION_CRASHED',
        message: 'The process that prepares the data was killed by SIGKILL.',
      }),
    );
  });

  it('takes a process that the system killed for one that had too little memory', async () => {
    const preparation = startPreparation();
    const running = preparation.run(requestFor(TABLE));
    const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    const row = rows.find((line) => line.includes(` ${process.pid} `) && line.includes('prepare-process'));
    process.kill(Number(row?.trim().split(' ')[0]), 'SIGKILL');
    await expect(running).rejects.toMatchObject({
      ...{ code: 'DATA_TOO_LARGE', field: 'data.path' },
      message: expect.stringMatching(/was killed by SIGKILL, as happens when memory runs out: .* \d+\.\d GiB/),
      fix: expect.stringContaining('more memory'),
    });
  });

  it('reports a process that dies at work', async () => {
    const preparation = startPreparation();
    const running = preparation.run(requestFor(TABLE));
    preparation.dispose();
    await expect(running).rejects.toThrow(expect.objectContaining({ code: 'DATA_PREPARATION_CRASHED' }));
  });
});
