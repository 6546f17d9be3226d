/** Tests of what the store deletes: jobs whole or not at all, and uploads that nobody counts on. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DirectoryStore } from './directory-store.js';

const OLD = 1000;
const BEFORE = 2000;

async function openStore() {
  const root = await mkdtemp(join(tmpdir(), 'lockstep-store-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const store = new DirectoryStore(root);
  await store.open();
  onTestFinished(() => store.close());
  return { root, store };
}

/** An upload that nobody has asked for since {@link OLD}. */
async function addUpload(root: string, content: string, partial = ''): Promise<string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const path = join(root, 'uploads', sha256 + partial);
  await writeFile(path, content);
  await utimes(path, OLD, OLD);
  return sha256;
}

describe('a job that is deleted', () => {
  it('is out of the list whole, and its disk is free', async () => {
    const { root, store } = await openStore();
    await mkdir(store.jobFile('a', 'prepared'), { recursive: true });
    await writeFile(store.jobFile('a', 'prepared/x.shard'), 'x');
    await store.writeJobFile('a', 'record.json', 'what is damaged goes too');
    await store.writeJobFile('b', 'model.onnx', 'm');
    await store.deleteJob('a');
    expect(await readdir(join(root, 'jobs'))).toEqual(['b']);
    expect(await store.deletedJobs()).toEqual(['a']);
    await store.emptyDeleted('a');
    expect(await readdir(join(root, 'deleted', 'a'))).toEqual([]);
    await store.forgetDeleted('a');
    expect([await store.deletedJobs(), existsSync(store.jobFile('b', 'model.onnx'))]).toEqual([[], true]);
  });

  it('is told where it is not there', async () => {
    const { store } = await openStore();
    await expect(store.deleteJob('a')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});

describe('uploads', () => {
  it('go once no job names them and they are old, partial ones too', async () => {
    const { root, store } = await openStore();
    const named = await addUpload(root, 'named');
    const gone = await addUpload(root, 'gone');
    const partial = await addUpload(root, 'partial', '.partial');
    await writeFile(join(root, 'uploads', 'f'.repeat(64)), 'new');
    const removed = await store.sweepUploads((sha256) => sha256 === named, BEFORE);
    expect(removed.map(({ name }) => name).sort()).toEqual([gone, `${partial}.partial`].sort());
    expect((await readdir(join(root, 'uploads'))).sort()).toEqual([named, 'f'.repeat(64)].sort());
  });

  it('stay while a submission that names them is taken, while one is sent, and after somebody has asked', async () => {
    const { root, store } = await openStore();
    const [held, sent, asked] = [
      await addUpload(root, 'held'),
      await addUpload(root, 'sent', '.partial'),
      await addUpload(root, 'asked'),
    ];
    const release = [store.holdUploads([held]), store.holdUploads([held])];
    const writer = await store.appendUpload(sent);
    expect(await store.uploadStatus(asked)).toEqual({ storedBytes: 5, complete: true });
    expect(await store.sweepUploads(() => false, BEFORE)).toEqual([]);
    await writer?.abandon();
    release[0]?.();
    expect((await store.sweepUploads(() => false, BEFORE)).map(({ name }) => name)).toEqual([`${sent}.partial`]);
    release[1]?.();
    expect((await store.sweepUploads(() => false, BEFORE)).map(({ name }) => name)).toEqual([held]);
    await expect(store.uploadPath(held)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });
});
