/** Tests of what the store deletes: jobs whole or not at all, and uploads that nobody counts on. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { JobRecord } from '../job-record.js';
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

function unexpected(name: string, cause: unknown): void {
  throw new Error(`${name} could not be removed`, { cause });
}

/** An upload that nobody has asked for since {@link OLD}. */
async function addUpload(root: string, content: string, partial = ''): Promise<string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const path = join(root, 'uploads', sha256 + partial);
  await writeFile(path, content);
  await utimes(path, OLD, OLD);
  return sha256;
}

/** Folders of jobs, and those that are told as damaged. */
async function readStore({ root, store }: Awaited<ReturnType<typeof openStore>>, how: 'records' | 'takeOver') {
  const damaged: string[] = [];
  await store[how]((path) => damaged.push(relative(join(root, 'jobs'), path)));
  return { damaged: damaged.sort(), folders: (await readdir(join(root, 'jobs'))).sort() };
}

describe('a job whose submission ended before it was kept', () => {
  it('is no job that is lost, and goes when a coordinator starts', async () => {
    const place = await openStore();
    const { root, store } = place;
    await mkdir(store.jobDirectory('empty'));
    await mkdir(store.jobDirectory('half'));
    await writeFile(store.jobFile('half', 'record.json.partial'), '{"form');
    expect(await readStore(place, 'records')).toEqual({ damaged: [], folders: ['empty', 'half'] });
    expect(await readStore(place, 'takeOver')).toEqual({ damaged: [], folders: [] });
    await mkdir(join(root, 'jobs', 'lost+found'));
    await writeFile(join(root, 'jobs', 'lost+found', '#123'), 'of the file system');
    await writeFile(join(root, 'jobs', 'notes'), 'of somebody');
    expect(await readStore(place, 'takeOver')).toEqual({ damaged: [], folders: ['lost+found', 'notes'] });
  });

  it('is not taken for one that was kept and cannot be read', async () => {
    const place = await openStore();
    await place.store.writeJobFile('bad', 'record.json', 'what?');
    await place.store.writeJobFile('gone', 'model.onnx', 'm');
    const folders = ['bad', 'gone'];
    expect(await readStore(place, 'takeOver')).toEqual({
      damaged: folders.map((id) => join(id, 'record.json')),
      folders,
    });
  });

  it('leaves no folder where the disk is full', async () => {
    const { root, store } = await openStore();
    vi.spyOn(store, 'writeJobFile').mockImplementation(async (jobId) => {
      await mkdir(store.jobDirectory(jobId), { recursive: true });
      throw new Error('no space is left');
    });
    await mkdir(store.jobDirectory('known'));
    await writeFile(store.jobFile('known', 'record.json'), 'as it was');
    for (const id of ['new', 'known'])
      await expect(store.saveRecord({ id } as JobRecord)).rejects.toThrow('no space is left');
    expect(await readdir(join(root, 'jobs'), { recursive: true })).toEqual(['known', join('known', 'record.json')]);
  });
});

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

  it('is deleted where its folder is gone, and others are told once', async () => {
    const { root, store } = await openStore();
    await store.writeJobFile('a', 'record.json', 'r');
    await store.writeJobFile('b', 'record.json', 'r');
    await rm(store.jobDirectory('a'), { recursive: true });
    await store.deleteJob('a');
    // As if the first of two tries had ended before the disk confirmed it.
    await store.deleteJob('b');
    await store.deleteJob('b');
    expect((await store.deletedJobs()).toSorted()).toEqual(['a', 'b']);
    expect(await readdir(join(root, 'deleted', 'b'))).toEqual(['record.json']);
  });

  it('stays where it cannot go', async () => {
    const { root, store } = await openStore();
    await store.writeJobFile('a', 'record.json', 'r');
    await writeFile(join(root, 'deleted'), 'no folder');
    await expect(store.deleteJob('a')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    expect(existsSync(store.jobFile('a', 'record.json'))).toBe(true);
  });
});

describe('uploads', () => {
  it('go once no job names them and they are old, partial ones too', async () => {
    const { root, store } = await openStore();
    const named = await addUpload(root, 'named');
    const gone = await addUpload(root, 'gone');
    const partial = await addUpload(root, 'partial', '.partial');
    await writeFile(join(root, 'uploads', 'f'.repeat(64)), 'new');
    const removed = await store.sweepUploads((sha256) => sha256 === named, BEFORE, unexpected);
    expect(removed.map(({ name }) => name).sort()).toEqual([gone, `${partial}.partial`].sort());
    expect((await readdir(join(root, 'uploads'))).sort()).toEqual([named, 'f'.repeat(64)].sort());
  });

  it('stay while a submission that names them is taken, while one is sent, and after somebody has asked', async () => {
    const { root, store } = await openStore();
    const [held, sent, asked, half] = [
      await addUpload(root, 'held'),
      await addUpload(root, 'sent', '.partial'),
      await addUpload(root, 'asked'),
      await addUpload(root, 'half', '.partial'),
    ];
    const release = [store.holdUploads([held]), store.holdUploads([held])];
    const writer = await store.appendUpload(sent);
    expect(await store.uploadStatus(asked)).toEqual({ storedBytes: 5, complete: true });
    expect(await store.uploadStatus(half)).toEqual({ storedBytes: 4, complete: false });
    expect(await store.uploadStatus('f'.repeat(64))).toEqual({ storedBytes: 0, complete: false });
    expect(await store.sweepUploads(() => false, BEFORE, unexpected)).toEqual([]);
    await writer?.abandon();
    release[0]?.();
    expect((await store.sweepUploads(() => false, BEFORE, unexpected)).map(({ name }) => name)).toEqual([
      `${sent}.partial`,
    ]);
    release[1]?.();
    expect((await store.sweepUploads(() => false, BEFORE, unexpected)).map(({ name }) => name)).toEqual([held]);
    await expect(store.uploadPath(held)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });

  it('go where one before them cannot', async () => {
    const { root, store } = await openStore();
    const gone = [await addUpload(root, 'one'), await addUpload(root, 'two')];
    // Without its recursive option, rm removes no folder.
    const stuck = ['0'.repeat(64), 'f'.repeat(64)];
    for (const name of stuck) {
      await mkdir(join(root, 'uploads', name));
      await utimes(join(root, 'uploads', name), OLD, OLD);
    }
    const told: string[] = [];
    const removed = await store.sweepUploads(
      () => false,
      BEFORE,
      (name) => void told.push(name),
    );
    expect([removed.map(({ name }) => name).sort(), told.sort()]).toEqual([gone.sort(), stuck]);
    await expect(store.uploadPath(gone[0]!)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });

  it('hold up no submission while another client sends them', async () => {
    const { root, store } = await openStore();
    const sent = await addUpload(root, 'sent', '.partial');
    const writer = await store.appendUpload(sent);
    let outcome = 'it waits';
    store.uploadPath(sent).catch(({ code }) => {
      outcome = code;
    });
    await vi.waitFor(() => expect(outcome).toBe('UPLOAD_NOT_FOUND'), 5000);
    await writer?.finish(4);
    expect(await store.uploadPath(sent)).toBe(join(root, 'uploads', sent));
  });
});
