/** Tests of the look at what is kept: jobs by their namespace's policy, uploads that no job names, and nothing in doubt. */
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { JobRetention, type RetentionConfig } from './job-retention.js';
import { RETENTION_MS, UPLOAD_GRACE_S } from './limits.js';

const DAY = 86_400;
const NOW = 1000 * DAY;
const JOBS = [
  { id: 'a-old', namespace: 'a', endedUnixSeconds: NOW - 91 * DAY },
  { id: 'a-new', namespace: 'a', endedUnixSeconds: NOW - DAY },
  { id: 'b-old', namespace: 'b', endedUnixSeconds: NOW - 91 * DAY },
  { id: 'b-new', namespace: 'b', endedUnixSeconds: NOW - DAY },
];

function scene(config: RetentionConfig, { isKnown = true, fails = '' } = {}) {
  const deleted: string[] = [];
  const sweeps: number[] = [];
  const releases: number[] = [];
  const clock = { sinceStart: 0, step: 0 };
  const retention = new JobRetention({
    config,
    clock: { nowMs: () => clock.sinceStart * 1000, unixSeconds: () => NOW + clock.sinceStart + clock.step },
    endedJobs: () => JOBS,
    deleteJob: async (id, why) => {
      if (id === fails) throw new Error('it is still there');
      deleted.push(`${id} ${why}`);
    },
    releaseDeleted: async () => void releases.push(deleted.length),
    store: {
      sweepUploads: async (_isNamed, before) => {
        sweeps.push(before);
        return [];
      },
    },
    namesUpload: isKnown ? () => true : null,
    logger: pino({ level: 'silent' }),
  });
  return { retention, deleted, sweeps, releases, clock };
}

describe('a look at what is kept', () => {
  it.each<[RetentionConfig, string[]]>([
    [{}, ['a-old age', 'b-old age']],
    [{ keepSeconds: { '*': Number.POSITIVE_INFINITY } }, []],
    [{ keepSeconds: { a: 1000 * DAY }, keepJobs: { a: 1 } }, ['a-old number', 'b-old age']],
    [{ keepSeconds: { '*': 0 } }, ['a-old age', 'b-old age', 'a-new age', 'b-new age']],
  ])('with %j deletes %j', async (config, gone) => {
    const { retention, deleted, sweeps } = scene(config);
    await retention.sweep();
    expect(deleted.sort()).toEqual(gone.sort());
    expect(sweeps).toEqual([NOW - UPLOAD_GRACE_S]);
  });

  it('goes on past a job that cannot be deleted', async () => {
    const { retention, deleted, releases } = scene({}, { fails: 'a-old' });
    await retention.sweep();
    expect([deleted, releases]).toEqual([['b-old age'], [1]]);
  });

  it.each([100 * DAY, -100 * DAY])(
    'deletes nothing after the clock was set by %i s, until the next look',
    async (step) => {
      const { retention, deleted, sweeps, clock } = scene({ keepSeconds: { '*': 95 * DAY } });
      clock.sinceStart = 600;
      await retention.sweep();
      expect([deleted, sweeps.length]).toEqual([[], 1]);
      clock.step = step;
      await retention.sweep();
      expect([deleted, sweeps.length]).toEqual([[], 1]);
      clock.sinceStart = 1200;
      await retention.sweep();
      expect([deleted.length, sweeps.length]).toEqual([step > 0 ? JOBS.length : 0, 2]);
    },
  );

  it('touches no upload where a job is not known, which may name it', async () => {
    const { retention, sweeps } = scene({}, { isKnown: false });
    await retention.sweep();
    expect(sweeps).toEqual([]);
  });

  it('comes first a while after the start, and not after the stop', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { retention, sweeps } = scene({});
    retention.start();
    await vi.advanceTimersByTimeAsync(RETENTION_MS - 1);
    expect(sweeps.length).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(sweeps.length).toBe(1);
    await retention.stop();
    await vi.advanceTimersByTimeAsync(3 * RETENTION_MS);
    expect(sweeps.length).toBe(1);
  });
});
