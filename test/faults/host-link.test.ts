/** Jobs over shared memory: faults that only this link has, and nothing left behind. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BIN, finish, lastJson, ROOT, seen, startLockstep, trainJson } from '../support/lockstep.ts';
import { childrenOf } from '../support/processes.ts';

const work = mkdtempSync(join(tmpdir(), 'lockstep-host-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const SPEC = join(work, 'job.yaml');
/** 110,410 parameters: more than 256 KiB, so that `link: auto` takes the host link. */
writeFileSync(
  SPEC,
  `
name: large
data: { path: ${join(ROOT, 'examples/digits/data.csv')}, label: target }
split: { test: 0.2, seed: 42 }
preprocess: { scale: minMax }
model:
  - dense: { units: 260, activation: relu }
  - dense: { units: 350, activation: relu }
  - dense: { units: 10, activation: softmax }
train: { loss: sparseCategoricalCrossEntropy, optimizer: adam, epochs: 40, batchSize: 32, seed: 42 }
`,
);
/** Makes /dev/shm a small one for a command alone; only root may. */
const IN_SMALL_SHM = ['-m', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /dev/shm && exec "$@"', 'sh'];
const canMount = spawnSync('unshare', [...IN_SMALL_SHM, 'true']).status === 0;
const shared = (): string[] => readdirSync('/dev/shm').filter((name) => name.includes('lockstep'));

describe.skipIf(process.platform !== 'linux')('a job that shares memory', () => {
  let calm = '';
  beforeAll(async () => {
    const network = ['--link', 'network', '--workers', '1', '--out', join(work, 'calm')];
    calm = (await trainJson([SPEC, ...network])).parametersSha256;
  });

  it('goes on without a worker that is stopped, which writes on when it wakes and comes back', async () => {
    const out = join(work, 'stopped');
    const command = startLockstep(['train', SPEC, '--workers', '3', '--out', out, '--json']);
    onTestFinished(() => void command.kill('SIGKILL'));
    const ended = finish(command);
    await seen(command, 'stderr', 'epoch 2/40', ended);
    const worker = childrenOf(command, ' worker ')[1] as number;
    process.kill(worker, 'SIGSTOP');
    await seen(command, 'stderr', 'worker-1 lost', ended);
    process.kill(worker, 'SIGCONT');
    expect(lastJson(await ended)).toMatchObject({ state: 'succeeded', parametersSha256: calm, link: 'host' });
  });

  it('leaves nothing in /dev/shm, neither while it runs nor when all of it is killed', async () => {
    const command = startLockstep(['train', SPEC, '--workers', '2', '--out', join(work, 'killed')]);
    const ended = finish(command);
    await seen(command, 'stderr', 'epoch 1/40', ended);
    expect(shared()).toEqual([]);
    for (const pid of [...childrenOf(command, ' worker '), ...childrenOf(command, ' coordinator ')]) {
      process.kill(pid, 'SIGKILL');
    }
    command.kill('SIGKILL');
    await ended;
    expect(shared()).toEqual([]);
  });

  it.skipIf(!canMount)('needs no room in /dev/shm, as small as that of a container may be', async () => {
    const args = [
      'train',
      SPEC,
      '--link',
      'host',
      '--set',
      'train.epochs=2',
      '--out',
      join(work, 'small'),
      '--json',
      '--quiet',
    ];
    const command = spawn('unshare', [...IN_SMALL_SHM, process.execPath, BIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(lastJson(await finish(command))).toMatchObject({ state: 'succeeded', link: 'host' });
  });
});
