/** The records of jobs in a real nats-server, beside the store: what is lost there comes back, what is doubtful is asked for. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNats, type ListJobsResponse__Output, type NatsConnection } from '@lockstep/protocol';
import { jetstreamManager } from '@nats-io/jetstream';
import { type Logger, pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../../test/support/nats-server.js';
import { RunningCoordinator, type RunningOptions, SPEC } from '../testing/running-coordinator.js';
import type { RecordBucket } from './bucket.js';
import { readMark } from './index-mark.js';
import { JetStreamBucket } from './jetstream-bucket.js';

const PATIENCE = { timeout: 10_000, interval: 50 };

interface LogLine {
  readonly code?: string;
  readonly msg: string;
}

/** A coordinator whose store and NATS outlive it. */
class Place {
  readonly folder: string;
  readonly log: LogLine[] = [];
  nats: NatsServer;

  private constructor(folder: string, nats: NatsServer) {
    this.folder = folder;
    this.nats = nats;
  }

  static async make(): Promise<Place> {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-records-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return new Place(folder, await startNatsServer({ args: ['-js', '-sd', join(folder, 'nats')] }));
  }

  get logger(): Logger {
    return pino({ level: 'info', base: null }, { write: (line: string) => void this.log.push(JSON.parse(line)) });
  }

  start(more: RunningOptions = {}): Promise<RunningCoordinator> {
    const { logger } = this;
    return RunningCoordinator.start({
      storeDirectory: join(this.folder, 'store'),
      nats: this.nats.address,
      logger,
      ...more,
    });
  }

  async restartNats(change: () => Promise<void>): Promise<void> {
    const { port } = this.nats;
    await this.nats.stop();
    await change();
    this.nats = await startNatsServer({ port, args: ['-js', '-sd', join(this.folder, 'nats')] });
  }

  /** Puts NATS's disk back to an earlier one. */
  async putBack(backup: string): Promise<void> {
    await this.restartNats(async () => {
      await rm(join(this.folder, 'nats'), { recursive: true });
      await cp(join(this.folder, backup), join(this.folder, 'nats'), { recursive: true });
    });
  }

  async connect(): Promise<NatsConnection> {
    const nats = await connectNats({ servers: [this.nats.address], name: 'test' });
    onTestFinished(() => nats.close());
    return nats;
  }

  /** Values of the bucket by key. */
  async values(): Promise<Record<string, { epoch: number; state?: string; requestId?: string }>> {
    const { bucket } = await readMark(join(this.folder, 'store', 'index.json'));
    const nats = await connectNats({ servers: [this.nats.address], name: 'test' });
    try {
      const values = await (await JetStreamBucket.open(nats, bucket))?.list();
      const there = [...(values ?? [])].filter(([, { text }]) => text !== '');
      return Object.fromEntries(there.map(([key, { text }]) => [key, JSON.parse(text)]));
    } finally {
      await nats.close();
    }
  }

  async deleteBucket(): Promise<void> {
    const { bucket } = await readMark(join(this.folder, 'store', 'index.json'));
    const manager = await jetstreamManager(await this.connect());
    expect(await manager.streams.delete(`KV_${bucket}`)).toBe(true);
  }

  /** Waits until NATS knows these jobs. */
  async knows(jobs: readonly string[]): Promise<void> {
    const keys = ['leader', ...jobs.map((id) => `job.${id}`)].sort();
    await vi.waitFor(async () => expect(Object.keys(await this.values()).sort()).toEqual(keys), PATIENCE);
  }

  async reports(code: string, text: string): Promise<void> {
    await vi.waitFor(() => {
      const found = this.log.filter((line) => line.code === code).map(({ msg }) => msg);
      expect(found).toEqual([expect.stringContaining(text)]);
    }, PATIENCE);
  }
}

describe('records of jobs in NATS', () => {
  it('follow the store from the submission to the end', async () => {
    const place = await Place.make();
    const running = await place.start();
    const { id } = await running.submit(SPEC, { requestId: 'r-1' });
    await place.knows([id]);
    expect((await place.values())[`job.${id}`]).toMatchObject({ epoch: 1, state: 'pending', requestId: 'r-1' });
    await running.call('cancelJob', { jobId: id });
    await vi.waitFor(async () => expect((await place.values())[`job.${id}`]?.state).toBe('cancelled'), PATIENCE);
    expect(place.log.filter(({ code }) => code?.startsWith('RECORDS_'))).toEqual([]);
  });

  it('lose a job that is deleted, for good, also where NATS was away meanwhile', async () => {
    const place = await Place.make();
    const first = await place.start();
    const [a, b] = [await first.submit(), await first.submit(SPEC, { requestId: 'r-b' })];
    await expect(first.call('deleteJob', { jobId: a.id })).rejects.toMatchObject({ code: 'JOB_NOT_ENDED' });
    for (const { id } of [a, b]) await first.call('cancelJob', { jobId: id });
    await first.call('deleteJob', { jobId: a.id });
    await place.knows([b.id]);
    await vi.waitFor(async () => expect(await readdir(join(place.folder, 'store', 'deleted'))).toEqual([]), PATIENCE);
    await place.nats.stop();
    await first.call('deleteJob', { jobId: b.id });
    await first.stop();
    expect(await readdir(join(place.folder, 'store', 'deleted'))).toEqual([b.id]);
    await place.restartNats(async () => {});
    const second = await place.start();
    await place.knows([]);
    expect((await second.call<ListJobsResponse__Output>('listJobs', {})).jobs).toEqual([]);
    await expect(second.call('getJob', { jobId: b.id })).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await vi.waitFor(async () => expect(await readdir(join(place.folder, 'store', 'deleted'))).toEqual([]), PATIENCE);
    expect(place.log.filter(({ code }) => code === 'RECORDS_WITHOUT_JOB')).toEqual([]);
  });

  it('are in the store only where NATS has no JetStream, which one line says', async () => {
    const place = await Place.make();
    const running = await place.start({ nats: (await startNatsServer()).address });
    await running.submit();
    expect(place.log.filter(({ msg }) => msg.includes('in the store only'))).toHaveLength(1);
  });

  it('come back when the bucket is deleted while the coordinator runs', async () => {
    const place = await Place.make();
    const running = await place.start();
    const ids = [(await running.submit()).id, (await running.submit()).id];
    await place.knows(ids);
    await place.deleteBucket();
    await place.reports('RECORDS_REBUILT', 'was deleted; 2 of 2 records');
    await place.knows(ids);
  });

  it('come back when the bucket was deleted while no coordinator ran; no epoch is used twice', async () => {
    const place = await Place.make();
    const first = await place.start();
    const { id } = await first.submit();
    await place.knows([id]);
    await first.stop();
    await place.deleteBucket();
    await place.start();
    await place.reports('RECORDS_REBUILT', 'was deleted; 1 of 1 records');
    await place.knows([id]);
    expect(await place.values()).toMatchObject({ leader: { epoch: 2 }, [`job.${id}`]: { epoch: 2 } });
  });

  it('are looked at as soon as NATS is back, without waiting for the next look', async () => {
    const place = await Place.make();
    // No look comes by itself.
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const running = await place.start();
    vi.useRealTimers();
    const { id } = await running.submit();
    await place.knows([id]);
    await place.restartNats(() => rm(join(place.folder, 'nats'), { recursive: true }));
    await place.reports('RECORDS_REBUILT', 'was deleted; 1 of 1 records');
    await place.knows([id]);
  });

  it('come back when an older copy of its disk is put under NATS, with and without a coordinator', async () => {
    const place = await Place.make();
    const running = await place.start();
    const first = (await running.submit()).id;
    await place.knows([first]);
    await place.restartNats(() => cp(join(place.folder, 'nats'), join(place.folder, 'old'), { recursive: true }));
    const second = (await running.submit()).id;
    await place.knows([first, second]);
    await place.putBack('old');
    await place.reports(
      'RECORDS_REBUILT',
      'was put back to revision 2, after revision 3 was acknowledged; 1 of 2 records',
    );
    await place.knows([first, second]);
    await running.stop();
    place.log.length = 0;
    await place.putBack('old');
    await place.start();
    await place.reports('RECORDS_REBUILT', 'was put back to revision 2, after revision 3');
    await place.knows([first, second]);
    expect(await place.values()).toMatchObject({ leader: { epoch: 2 } });
  });

  it('begin above an epoch that only NATS knows, and name jobs that only NATS knows', async () => {
    const place = await Place.make();
    const first = await place.start();
    await place.knows([]);
    await first.stop();
    await cp(join(place.folder, 'store'), join(place.folder, 'old-store'), { recursive: true });
    const second = await place.start();
    const { id } = await second.submit();
    await place.knows([id]);
    await second.stop();
    await rm(join(place.folder, 'store'), { recursive: true });
    await cp(join(place.folder, 'old-store'), join(place.folder, 'store'), { recursive: true });
    await place.start();
    await place.reports('RECORDS_WITHOUT_JOB', `lacks 1 jobs that NATS knows of: ${id}`);
    expect(await place.values()).toMatchObject({ leader: { epoch: 3 } });
  });

  it('A31 let go of every job when another coordinator takes over', async () => {
    const place = await Place.make();
    const first = await place.start();
    const { id } = await first.submit();
    await place.knows([id]);
    // Two that prepare the data of one job at the same time are in each other's way.
    await first.events(id, ({ stateChanged }) => /workers are ready/.test(stateChanged?.reason ?? ''));
    // As if the first, on another machine, were paused for so long that it counts as gone.
    await rm(join(place.folder, 'store', 'coordinator.lock'));
    const second = await place.start();
    await place.reports('DEPOSED', 'A coordinator of epoch 2 leads this store; this one is of 1');
    await expect(first.submit()).rejects.toThrow('another coordinator has taken over');
    await second.call('cancelJob', { jobId: id });
    await vi.waitFor(
      async () => expect((await place.values())[`job.${id}`]).toMatchObject({ epoch: 2, state: 'cancelled' }),
      PATIENCE,
    );
  });
});

/** A bucket whose writes take effect while their answers are lost, as often as it is told. */
function withLostAnswers(bucket: RecordBucket, lost: { count: number }): RecordBucket {
  return {
    make: () => bucket.make(),
    state: () => bucket.state(),
    get: (key) => bucket.get(key),
    list: () => bucket.list(),
    remove: (key) => bucket.remove(key),
    async put(key, text, lastRevision) {
      const revision = await bucket.put(key, text, lastRevision);
      if (lost.count-- > 0) throw new Error('timeout');
      return revision;
    },
  };
}

describe('a write to NATS whose answer is lost', () => {
  it('is known as done: one leadership, one job for one request id, also after a new start', async () => {
    const place = await Place.make();
    const lost = { count: 3 };
    const openBucket: RunningOptions['openBucket'] = async (nats, name) => {
      const bucket = await JetStreamBucket.open(nats, name);
      return bucket && withLostAnswers(bucket, lost);
    };
    const first = await place.start({ openBucket });
    const request = { requestId: 'r-1' };
    const jobs = await Promise.all([first.submit(SPEC, request), first.submit(SPEC, request)]);
    await place.knows([jobs[0].id]);
    jobs.push(await first.submit(SPEC, request));
    await first.stop();
    lost.count = 3;
    const second = await place.start({ openBucket });
    jobs.push(await second.submit(SPEC, request));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    expect((await second.call<ListJobsResponse__Output>('listJobs', {})).jobs).toHaveLength(1);
    await place.knows([jobs[0].id]);
    expect(await place.values()).toMatchObject({ leader: { epoch: 2 } });
    expect(place.log.filter(({ code }) => code?.startsWith('RECORDS_') || code === 'DEPOSED')).toEqual([]);
    expect(lost.count).toBeLessThan(3);
  });
});
