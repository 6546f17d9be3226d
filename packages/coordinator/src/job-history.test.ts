/** What a job has told stays told: events across starts of a coordinator, torn files, and files that grow. */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startNatsServer } from '../../../test/support/nats-server.js';
import { Job, type JobSubmission } from './job.js';
import { eventLine, JobHistory, loadEvents, readEvents } from './job-history.js';
import { RunningCoordinator } from './testing/running-coordinator.js';
import { TestWorker } from './testing/worker.js';

vi.mock('./limits.js', async (original) => ({
  ...(await original<typeof import('./limits.js')>()),
  MAX_EVENTS: 100,
}));

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-history-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function newJob(): Job {
  const texts = { resolvedYaml: '', requestId: '', fingerprint: '', namespace: 'default', dataName: '', dataFiles: [] };
  const submission = { id: 'job', spec: {} as JobSubmission['spec'], ...texts, createdUnixSeconds: 7, order: 7 };
  return new Job(submission, { nowMs: () => 0, unixSeconds: () => 7 }, 1);
}

function note(count: number) {
  return { note: { level: 'NOTE_LEVEL_INFO', code: 'N', message: String(count) } } as const;
}

describe('the events of a job', () => {
  it('are told by the next coordinator as by the one before, once each and in order', async () => {
    const place = { storeDirectory: await scratch(), nats: (await startNatsServer()).address };
    const first = await RunningCoordinator.start(place);
    const worker = await TestWorker.join(first.address, 'w0', { fault: ({ step }) => (step === 5 ? 'silence' : null) });
    const overrides = { 'run.workers': '1', 'run.checkpoints.everySeconds': '0' };
    const { id } = await first.submit(undefined, { overrides });
    const seen = await first.events(id, ({ stepsCommitted }) => Boolean(stepsCommitted));
    await first.stop();
    await worker.die();
    // A crash may tear the last line.
    await appendFile(join(place.storeDirectory, 'jobs', id, 'events.jsonl'), '{"sequence":9,"st');

    const second = await RunningCoordinator.start(place);
    await TestWorker.join(second.address, 'w1');
    const rest = await second.events(id, () => false, seen.at(-1)?.sequence);
    const told = await second.events(id);
    expect(told).toEqual([...seen, ...rest]);
    const sequences = told.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((left, right) => left - right));
    expect(new Set(told.map(({ leadershipEpoch }) => leadershipEpoch))).toEqual(new Set([1, 2]));
    await second.stop();

    for (const _ of ['third', 'fourth']) {
      const later = await RunningCoordinator.start(place);
      expect(await later.events(id)).toEqual(told);
      await later.stop();
    }
  });

  it('leave memory once the job has ended and nobody follows it, and come back for who asks', async () => {
    const path = join(await scratch(), 'events.jsonl');
    const job = newJob();
    const history = new JobHistory(job, path, (error) => {
      throw error;
    });
    for (let count = 0; count < 9; count++) job.emit(note(count));
    const unfollow = job.follow(() => {});
    job.advance({ type: 'cancelled', why: 'a user' });
    await history.settled();
    const told = job.eventsAfter(0);
    expect(told).toHaveLength(11);
    unfollow();
    expect(job.eventsAfter(0)).toEqual(told.slice(-1));
    const again = job.follow(() => {});
    await job.remember();
    expect(job.eventsAfter(0)).toEqual(told);
    again();
    expect(job.eventsAfter(0)).toEqual(told.slice(-1));
  });

  it('keep numbers that JSON does not have, and lines around a damaged one', () => {
    const events = [1, 2, 3].map((sequence) => ({
      ...{ sequence, unixSeconds: 1, leadershipEpoch: 1, step: 0 },
      epochEnded: { epoch: 1, trainLoss: Number.NaN, metrics: { mae: Number.POSITIVE_INFINITY } },
    }));
    const [a = '', b = '', c = ''] = events.map(eventLine);
    expect(readEvents(`${a}${b.slice(0, 20)}\n${c}${a}`)).toEqual([events[0], events[2]]);
  });

  it('stay in a file of bounded length', async () => {
    const path = join(await scratch(), 'events.jsonl');
    await writeFile(path, '');
    const job = newJob();
    const history = new JobHistory(job, path, (error) => {
      throw error;
    });
    for (let count = 0; count < 1000; count++) {
      job.emit(note(count));
      if (count % 10 === 0) await history.settled();
    }
    await history.settled();
    expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThan(220);
    expect((await loadEvents(path)).slice(-100)).toEqual(job.eventsAfter(0));
  });
});
