/** A full disk, for real: a small tmpfs in a mount namespace of the command's own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, type CommandResult, lastJson, ROOT, scratch, trainJson } from '../support/lockstep.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const canMount =
  process.platform === 'linux' && spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0;

/** Trains one epoch with a disk of `kilobytes` at `disk`; `after` lists what is left on it. */
function trainWithDisk(disk: string, kilobytes: number, out: string, environment = ''): CommandResult {
  mkdirSync(disk);
  const train = `${environment} "${process.execPath}" "${BIN}" train "${SPEC}" --set train.epochs=1 --workers 1 --out "${out}" --json`;
  const script = `mount -t tmpfs -o size=${kilobytes}k tmpfs "${disk}" && { ${train}; code=$?; find "${disk}" -type f -printf "left %f\\n" >&2; exit $code; }`;
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, signal, stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script], {
    encoding: 'utf8',
    env,
  });
  return { code: status, signal, stdout, stderr };
}

const leftOnDisk = ({ stderr }: CommandResult): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('left '));

describe.skipIf(!canMount)('a full disk (needs a Linux that lets users mount a tmpfs)', () => {
  it('where the run is to be written: one error, no half of a run', () => {
    const folder = scratch();
    const disk = join(folder, 'disk');
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const result = trainWithDisk(disk, 40, join(disk, 'run'), `TMPDIR="${temporary}"`);
    expect(result.code).toBe(1);
    expect(lastJson(result).error).toMatchObject({ code: 'DISK_FULL', field: '--out', value: join(disk, 'run') });
    // A checkpoint that fitted and the curves up to it may stay: the run can be gone on with.
    expect(leftOnDisk(result).filter((line) => !/\.ckpt$|^left events\.out\./.test(line))).toEqual([]);
    const [kept = '', ...others] = readdirSync(temporary);
    expect(others).toEqual([]);
    expect(lastJson(result).error?.message).toContain(`The finished run is in ${join(temporary, kept)}.`);
    expect(readdirSync(join(temporary, kept)).sort()).toEqual([
      'history.csv',
      'metrics.json',
      'model.onnx',
      'report.html',
      'spec.yaml',
    ]);
    expect(readFileSync(join(temporary, kept, 'history.csv'), 'utf8')).toContain('epoch');
  });

  it('from the start is met before anything starts', () => {
    const disk = join(scratch(), 'disk');
    const result = trainWithDisk(disk, 4, join(disk, 'run'), `dd if=/dev/zero of="${disk}/full" 2>/dev/null;`);
    expect(result.code).toBe(1);
    expect(lastJson(result).error).toMatchObject({ code: 'DISK_FULL', field: '--out', value: join(disk, 'run') });
    expect(result.stderr).not.toContain('coordinator');
  });

  it('where the coordinator stores uploads: one error, and nothing stays in its folder', () => {
    const folder = scratch();
    const disk = join(folder, 'disk');
    const out = join(folder, 'run');
    const result = trainWithDisk(disk, 40, out, `TMPDIR="${disk}"`);
    expect(result.code).toBe(1);
    expect(lastJson(result).error).toMatchObject({ code: 'DISK_FULL', field: 'store' });
    expect(leftOnDisk(result)).toEqual([]);
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });

  it('that is just large enough is enough, and is empty again at the end', () => {
    const folder = scratch();
    const disk = join(folder, 'disk');
    const result = trainWithDisk(disk, 1000, join(folder, 'run'), `TMPDIR="${disk}"`);
    expect(result.code).toBe(0);
    expect(leftOnDisk(result)).toEqual([]);
  });

  it('where checkpoints go: training goes on with a warning, and the last one that fitted is gone on from', async () => {
    const folder = scratch();
    const disk = join(folder, 'disk');
    const run = join(disk, 'run');
    mkdirSync(disk);
    const epochs = ['--set', 'train.epochs=12', '--workers', '1'];
    const train = `"${process.execPath}" "${BIN}" train "${SPEC}" ${epochs.join(' ')} --out "${run}" --json`;
    // The disk is filled as soon as there is a checkpoint, and kept full until the command has ended.
    const script = `
      mount -t tmpfs -o size=2000k tmpfs "${disk}" || exit 99
      ${train} & pid=$!
      while kill -0 $pid 2>/dev/null; do
        if ls "${run}"/checkpoints/*.ckpt >/dev/null 2>&1; then cat /dev/zero >>"${disk}/filler" 2>/dev/null; fi
        sleep 0.05
      done
      wait $pid; code=$?
      rm "${disk}/filler"
      echo "ended $code" >&2
      ${train} --resume`;
    const env = { ...process.env, NO_COLOR: '1' };
    const result = spawnSync('unshare', ['-rm', 'sh', '-c', script], { encoding: 'utf8', env });
    const [first = '', second = ''] = result.stderr.split(/^ended 1$/m);
    const steps = 15 * 12;
    expect(first).toMatch(/The checkpoint of step \d+ could not be written; training goes on\. .*run\/checkpoints/);
    expect(first, 'every step was computed').toMatch(/epoch 12\/12/);
    const resumed = Number(/goes on from the checkpoint of step (\d+)/.exec(second)?.[1]);
    expect(resumed).toBeGreaterThan(0);
    expect(resumed).toBeLessThan(steps);
    expect(second).not.toContain('CHECKPOINT_SKIPPED');
    const calm = await trainJson([SPEC, ...epochs, '--out', join(folder, 'calm')]);
    const { status, signal, stdout, stderr } = result;
    expect(lastJson({ code: status, signal, stdout, stderr }).parametersSha256, stderr).toBe(calm.parametersSha256);
  });
});
