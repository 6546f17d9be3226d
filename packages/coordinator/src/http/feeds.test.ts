/** What streams cost: when feeds are woken, and what they share. */
import type { ServerResponse } from 'node:http';
import { jobServiceDefinition } from '@lockstep/protocol';
import { parseJobSpec } from '@lockstep/spec';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../adapters/system-clock.js';
import { LOCAL, type Principal } from '../core/principal.js';
import { Job } from '../job.js';
import { JobIndex } from '../job-index.js';
import { EVENT_TICK_MS, SHARED_LIST_MS, WAKE_MS } from '../limits.js';
import { JobCalls } from '../services/job-calls.js';
import { SPEC } from '../testing/running-coordinator.js';
import { EventStream } from './event-streams.js';
import { clusterFeed, jobFeed } from './feeds.js';
import { SharedLists } from './shared-lists.js';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** A browser, which takes everything unless it is told to take nothing. */
class Browser {
  readonly told: string[] = [];
  takes = true;
  readonly stream = new EventStream({
    writableEnded: false,
    destroyed: false,
    write: (text: string) => this.told.push(text) > 0 && this.takes,
    end: () => this.told.push('the end'),
  } as unknown as ServerResponse);

  /** Ids of the events that came, or their names. */
  get ids(): readonly string[] {
    return this.told.map((text) => /^id: (.*)$/m.exec(text)?.[1] ?? /^event: (.*)$/m.exec(text)?.[1] ?? text);
  }
}

function jobOf(id: string): Job {
  const { spec } = parseJobSpec(SPEC);
  if (!spec) throw new Error('the spec of tests has a problem');
  const about = { namespace: 'default', requestId: '', fingerprint: '', dataName: 'data.csv', dataFiles: [] };
  return new Job({ id, spec, resolvedYaml: SPEC, ...about, createdUnixSeconds: 1, order: 1 }, systemClock, 1);
}

const NOTE = { note: { level: 'NOTE_LEVEL_INFO', code: 'N', message: 'x' } } as const;

describe('events of a job', () => {
  it('wake whoever follows once for many, outside of the step, and lose and reorder none', async () => {
    const job = jobOf('a');
    const browser = new Browser();
    jobFeed(browser.stream, job, 0, { activityOf: () => null });
    await vi.advanceTimersByTimeAsync(0);
    expect(browser.ids).toEqual(['job', '1']);
    for (let count = 0; count < 3; count++) job.emit(NOTE);
    expect(browser.ids).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(browser.ids).toEqual(['job', '1', '2', '3', '4']);
    job.emit(NOTE);
    await vi.advanceTimersByTimeAsync(WAKE_MS - 1);
    job.emit(NOTE);
    expect(browser.ids).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(1);
    expect(browser.ids).toEqual(['job', '1', '2', '3', '4', '5', '6']);
    expect(vi.getTimerCount()).toBe(0);
    job.emit(NOTE);
    job.advance({ type: 'cancelled', why: 'enough' });
    expect(browser.ids).toHaveLength(7);
    await vi.advanceTimersByTimeAsync(0);
    expect(browser.ids.slice(7)).toEqual(['7', '8', 'job', 'end', 'the end']);
  });

  it('come before what the processes do after them', async () => {
    const job = jobOf('a');
    const browser = new Browser();
    const { tick } = jobFeed(browser.stream, job, 0, { activityOf: () => ({ steps: 3 }) });
    await vi.advanceTimersByTimeAsync(0);
    job.emit(NOTE);
    tick();
    await vi.advanceTimersByTimeAsync(WAKE_MS);
    expect(browser.ids).toEqual(['job', '1', '2', 'activity']);
  });

  it('wake nobody who has gone', async () => {
    const job = jobOf('a');
    const browser = new Browser();
    const { close } = jobFeed(browser.stream, job, 0, { activityOf: () => null });
    await vi.advanceTimersByTimeAsync(0);
    job.emit(NOTE);
    close();
    job.emit(NOTE);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are made into text once for all who follow', async () => {
    const serialized = vi.spyOn(jobServiceDefinition.WatchJob, 'responseSerialize');
    onTestFinished(() => serialized.mockRestore());
    const job = jobOf('a');
    const browsers = [new Browser(), new Browser(), new Browser()];
    for (const { stream } of browsers) jobFeed(stream, job, 0, { activityOf: () => null });
    job.emit(NOTE);
    await vi.advanceTimersByTimeAsync(WAKE_MS);
    expect(browsers.map(({ ids }) => ids)).toEqual(browsers.map(() => ['job', '1', '2']));
    expect(serialized).toHaveBeenCalledTimes(2);
  });
});

describe('lists of jobs and workers', () => {
  const of = (role: Principal['role'], ...namespaces: readonly string[]): Principal => ({ ...LOCAL, role, namespaces });

  it('are made once for all who see the same, and again at the next look', async () => {
    const index = new JobIndex();
    const jobs = new JobCalls({ ...index, list: () => index.list(), get: (id) => index.get(id), cancel: vi.fn() });
    const workers = vi.fn(() => []);
    const lists = new SharedLists({ jobs, workers });
    const browsers = [of('viewer', 'a'), of('viewer', 'a'), of('viewer', 'b'), of('admin', '*'), of('admin', '*')].map(
      (caller) => ({ browser: new Browser(), caller }),
    );
    const feeds = browsers.map(({ browser, caller }) => clusterFeed(browser.stream, () => caller, lists));
    for (const { tick } of feeds) tick();
    expect(workers).toHaveBeenCalledTimes(3);
    index.add(jobOf('new'));
    await vi.advanceTimersByTimeAsync(EVENT_TICK_MS);
    for (const { tick } of feeds) tick();
    expect(workers).toHaveBeenCalledTimes(6);
    expect(browsers.map(({ browser: { ids } }) => ids.join(' '))).toEqual([
      'jobs workers',
      'jobs workers',
      'jobs workers',
      'jobs workers jobs',
      'jobs workers jobs',
    ]);
    expect(SHARED_LIST_MS).toBeLessThan(EVENT_TICK_MS);
  });

  it('are not made for whoever takes nothing', () => {
    const jobs = new JobCalls({ list: () => [], get: vi.fn(), cancel: vi.fn() });
    const workers = vi.fn(() => []);
    const browser = new Browser();
    const { tick } = clusterFeed(browser.stream, () => LOCAL, new SharedLists({ jobs, workers }));
    browser.takes = false;
    browser.stream.send('x', '{}');
    tick();
    expect(workers).not.toHaveBeenCalled();
    browser.stream.drained();
    tick();
    expect(workers).toHaveBeenCalledOnce();
  });
});
