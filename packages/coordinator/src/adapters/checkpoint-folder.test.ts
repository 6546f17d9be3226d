import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkpointOf } from '../testing/checkpoints.js';
import { CheckpointFolder } from './checkpoint-folder.js';

async function folder(): Promise<{ directory: string; store: CheckpointFolder }> {
  const parent = await mkdtemp(join(tmpdir(), 'lockstep-checkpoints-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const directory = join(parent, 'checkpoints');
  return { directory, store: new CheckpointFolder(directory) };
}

const nobody = (): never => {
  throw new Error('nothing is damaged');
};

describe('a folder of checkpoints', () => {
  it('that is not there has none', async () => {
    const { store } = await folder();
    expect(await store.newest(nobody)).toBeNull();
  });

  it('gives the one of the highest step, also past ten', async () => {
    const { directory, store } = await folder();
    for (const step of [9, 10, 2]) await store.save(checkpointOf(step));
    expect(await store.newest(nobody)).toEqual(checkpointOf(10));
    expect(await readdir(directory)).toHaveLength(3);
  });

  it('A32 passes over torn and damaged ones for the one before, and says so', async () => {
    const { directory, store } = await folder();
    for (const step of [5, 6, 7]) await store.save(checkpointOf(step));
    await truncate(join(directory, 'step-0000000007.ckpt'), 100);
    await writeFile(join(directory, 'step-0000000006.ckpt'), 'noise', { flag: 'r+' });
    const damaged: string[] = [];
    expect(await store.newest((path) => damaged.push(path))).toEqual(checkpointOf(5));
    expect(damaged.map((path) => path.slice(-8))).toEqual(['007.ckpt', '006.ckpt']);
  });

  it('removes what was being written when the process died', async () => {
    const { directory, store } = await folder();
    await store.save(checkpointOf(3));
    await writeFile(join(directory, 'step-0000000004.ckpt.partial'), 'half');
    expect(await store.newest(nobody)).toEqual(checkpointOf(3));
    expect(await readdir(directory)).toEqual(['step-0000000003.ckpt']);
  });

  it('never starts over in silence where none can be read', async () => {
    const { directory, store } = await folder();
    await store.save(checkpointOf(3));
    await truncate(join(directory, 'step-0000000003.ckpt'), 10);
    await expect(store.newest(() => {})).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED', value: directory });
  });

  it('keeps what it is told to', async () => {
    const { store } = await folder();
    for (const step of [1, 2, 3, 20]) await store.save(checkpointOf(step));
    await store.keep(new Set([2, 20]));
    expect(await store.steps()).toEqual([2, 20]);
  });

  it('that cannot be written names the file, and leaves nothing of it', async () => {
    const { directory, store } = await folder();
    await writeFile(directory, 'a file');
    await expect(store.save(checkpointOf(1))).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});
