import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { claimRunFolder } from './run-folder.js';

const before = process.cwd();
let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lockstep-run-folder-'));
  process.chdir(work);
});
afterEach(() => {
  process.chdir(before);
  rmSync(work, { recursive: true, force: true });
});

/** Above what Linux gives to a process. */
const NO_PID = 2 ** 30;

describe('the folder of a run', () => {
  it('is the first of its name that is not there, and goes with the claim when nothing is in it', async () => {
    const claims = [];
    for (let count = 0; count < 3; count++) claims.push(await claimRunFolder({ name: 'A Job!' }));
    expect(claims.map(({ path }) => path.slice(work.length))).toEqual([
      '/runs/a-job',
      '/runs/a-job-2',
      '/runs/a-job-3',
    ]);
    writeFileSync(join(claims[1]!.path, 'model.onnx'), '');
    for (const claim of claims) claim.release();
    expect(readdirSync('runs')).toEqual(['a-job-2']);
    expect(readdirSync('runs/a-job-2')).toEqual(['model.onnx']);
  });

  it('is cut to 60 letters, and ends in none that is a dash', async () => {
    const claim = await claimRunFolder({ name: `${'n'.repeat(59)} and more` });
    expect(claim.path.slice(work.length)).toBe(`/runs/${'n'.repeat(59)}`);
    claim.release();
  });

  it('that a process holds is refused, with its id', async () => {
    const claim = await claimRunFolder({ out: 'out', name: 'a' });
    onTestFinished(claim.release);
    mkdirSync('out/checkpoints');
    writeFileSync('out/checkpoints/step-1.ckpt', '');
    const lock = readFileSync('out/run.lock', 'utf8');
    for (const resume of [false, true]) {
      await expect(claimRunFolder({ out: 'out', name: 'a', resume })).rejects.toMatchObject({
        ...{ code: 'OUTPUT_IN_USE', field: '--out', value: join(work, 'out') },
        message: expect.stringContaining(`Process ${process.pid} on `),
      });
    }
    expect(readdirSync('out').sort()).toEqual(['checkpoints', 'run.lock']);
    expect(readFileSync('out/run.lock', 'utf8')).toBe(lock);
  });

  it('whose process is gone can be claimed', async () => {
    const before = await claimRunFolder({ out: 'out', name: 'a' });
    const lock = JSON.parse(readFileSync('out/run.lock', 'utf8')) as object;
    before.release();
    mkdirSync('out');
    writeFileSync('out/run.lock', JSON.stringify({ ...lock, pid: NO_PID }));
    const claim = await claimRunFolder({ out: 'out', name: 'a' });
    expect(JSON.parse(readFileSync('out/run.lock', 'utf8'))).toMatchObject({ pid: process.pid });
    expect(readdirSync('out')).toEqual(['run.lock']);
    claim.release();
    expect(readdirSync('out')).toEqual([]);
  });

  it('with a run in it is refused without resume, and one without a checkpoint with it', async () => {
    mkdirSync('out');
    writeFileSync('out/model.onnx', '');
    await expect(claimRunFolder({ out: 'out', name: 'a' })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    for (const out of ['out', 'none', undefined]) {
      await expect(claimRunFolder({ out, name: 'a', resume: true })).rejects.toMatchObject({
        ...{ code: 'CHECKPOINT_NOT_FOUND', value: join(work, out ?? 'runs/a') },
      });
    }
    expect([existsSync('none'), existsSync('runs')]).toEqual([false, false]);
  });

  it.each(['file/out', ...(existsSync('/proc') ? ['/proc/none/a'] : [])])(
    'where none can be made (%s) cannot be written',
    async (out) => {
      writeFileSync('file', '');
      await expect(claimRunFolder({ out, name: 'a' })).rejects.toMatchObject({
        ...{ code: 'OUTPUT_UNWRITABLE', field: '--out', value: resolve(out) },
      });
    },
  );
});
