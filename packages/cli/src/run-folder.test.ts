import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { lockFolder } from './folder-lock.js';
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

/** A process that runs until the test ends. */
function otherProcess(): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child as ChildProcess & { readonly pid: number };
}

const codeOf = (act: () => unknown): { code?: string; message?: string; field?: string; value?: string } => {
  try {
    act();
  } catch (thrown) {
    return thrown as { code: string };
  }
  return {};
};

describe('the folder of a run', () => {
  it('is the first of its name that is not there, and goes with the claim when nothing is in it', () => {
    const claims = [1, 2, 3].map(() => claimRunFolder({ name: 'A Job!' }));
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

  it('that another process holds is refused, with its id', () => {
    const { pid } = otherProcess();
    mkdirSync('out/checkpoints', { recursive: true });
    writeFileSync('out/checkpoints/step-1.ckpt', '');
    writeFileSync('out/run.lock', `${pid}\n`);
    for (const resume of [false, true]) {
      const error = codeOf(() => claimRunFolder({ out: 'out', name: 'a', resume }));
      expect(error).toMatchObject({ code: 'OUTPUT_IN_USE', field: '--out', value: join(work, 'out') });
      expect(error.message).toContain(`Process ${pid} `);
    }
    expect(codeOf(() => lockFolder('out'))).toMatchObject({ code: 'OUTPUT_IN_USE' });
    expect(readdirSync('out').sort()).toEqual(['checkpoints', 'run.lock']);
    expect(readFileSync('out/run.lock', 'utf8')).toBe(`${pid}\n`);
  });

  it('whose process is gone can be claimed', async () => {
    const child = otherProcess();
    mkdirSync('out');
    writeFileSync('out/run.lock', `${child.pid}\n`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const claim = claimRunFolder({ out: 'out', name: 'a' });
    expect(readFileSync('out/run.lock', 'utf8')).toBe(`${process.pid}\n`);
    expect(readdirSync('out')).toEqual(['run.lock']);
    claim.release();
    expect(readdirSync('out')).toEqual([]);
  });

  it('with a run in it is refused without resume, and one without a checkpoint with it', () => {
    mkdirSync('out');
    writeFileSync('out/model.onnx', '');
    expect(codeOf(() => claimRunFolder({ out: 'out', name: 'a' }))).toMatchObject({ code: 'OUTPUT_EXISTS' });
    for (const out of ['out', 'none', undefined]) {
      const error = codeOf(() => claimRunFolder({ out, name: 'a', resume: true }));
      expect(error).toMatchObject({ code: 'CHECKPOINT_NOT_FOUND', value: join(work, out ?? 'runs/a') });
    }
    expect([existsSync('none'), existsSync('runs')]).toEqual([false, false]);
  });

  it('below a file cannot be written', () => {
    writeFileSync('file', '');
    const error = codeOf(() => claimRunFolder({ out: 'file/out', name: 'a' }));
    expect(error).toMatchObject({ code: 'OUTPUT_UNWRITABLE', field: '--out', value: join(work, 'file/out') });
  });
});
