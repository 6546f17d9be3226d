/** Tests of what is left of deleted jobs: a folder that cannot go holds up neither NATS nor other jobs, and goes later. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@lockstep/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DirectoryStore } from '../adapters/directory-store.js';
import type { BucketValue, RecordBucket } from './bucket.js';
import { JobRecords } from './job-records.js';

/** A bucket in memory that knows of some jobs. */
function bucketOf(...jobs: readonly string[]): RecordBucket & { readonly keys: () => readonly string[] } {
  let revision = 0;
  const values = new Map<string, BucketValue>();
  for (const id of jobs) values.set(`job.${id}`, { text: '{"epoch":0}', revision: ++revision });
  return {
    keys: () => [...values.keys()].sort(),
    make: async () => {},
    state: async () => ({ created: 'once', lastRevision: revision }),
    get: async (key) => values.get(key) ?? null,
    list: async () => values,
    put: async (key, text, last) => {
      if ((values.get(key)?.revision ?? 0) !== last) throw new Error('another writer came before');
      values.set(key, { text, revision: ++revision });
      return revision;
    },
    remove: async (key) => void values.delete(key),
  };
}

async function openRecords(bucket: RecordBucket | null, before: readonly string[] = []) {
  const root = await mkdtemp(join(tmpdir(), 'lockstep-deleted-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const store = new DirectoryStore(root);
  await store.open();
  onTestFinished(() => store.close());
  for (const id of before) {
    await store.writeJobFile(id, 'model.onnx', 'm');
    await store.deleteJob(id);
  }
  const log: { msg: string; code?: string; job?: string }[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void log.push(JSON.parse(line)) });
  const nats = { status: async function* () {}, getServer: () => 'nats' } as unknown as NatsConnection;
  const records = await JobRecords.open({ store, nats, logger, isIndexed: true, openBucket: async () => bucket });
  const warned = (): readonly unknown[] => log.filter(({ msg }) => msg.includes('disk')).map(({ job }) => job);
  return { store, records, log, warned };
}

/** From now on nothing of a job can go. @returns what ends it */
function holdFolder(store: DirectoryStore, held: string): () => void {
  const spies = (['emptyDeleted', 'forgetDeleted'] as const).map((name) => {
    const real = store[name].bind(store);
    return vi.spyOn(store, name).mockImplementation(async (id) => {
      if (id === held) throw new Error('a file is still open');
      await real(id);
    });
  });
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
}

describe('a deleted job whose folder cannot go', () => {
  it('is forgotten by NATS like any other, told once, and freed later', async () => {
    const bucket = bucketOf('stuck');
    const { store, records, log, warned } = await openRecords(bucket);
    const release = holdFolder(store, 'stuck');
    for (const id of ['stuck', 'free']) {
      await store.writeJobFile(id, 'model.onnx', 'm');
      await records.delete(id);
    }
    records.start(() => {});
    await vi.waitFor(async () => expect(await store.deletedJobs()).toEqual(['stuck']));
    await records.releaseDeleted();
    release();
    await records.releaseDeleted();
    await records.close();
    expect([await store.deletedJobs(), bucket.keys(), warned()]).toEqual([[], ['leader'], ['stuck']]);
    expect(log.filter(({ code }) => code?.startsWith('RECORDS_'))).toEqual([]);
  });

  it('is told and freed later where there is no JetStream too', async () => {
    const { store, records, warned } = await openRecords(null);
    const release = holdFolder(store, 'stuck');
    await store.writeJobFile('stuck', 'model.onnx', 'm');
    await records.delete('stuck');
    expect([await store.deletedJobs(), warned()]).toEqual([['stuck'], ['stuck']]);
    release();
    await records.releaseDeleted();
    expect(await store.deletedJobs()).toEqual([]);
  });
});

describe('a job that an earlier coordinator deleted', () => {
  it('is forgotten at the start where nobody else knows of it', async () => {
    const { store } = await openRecords(null, ['a', 'b']);
    expect(await store.deletedJobs()).toEqual([]);
  });
});
