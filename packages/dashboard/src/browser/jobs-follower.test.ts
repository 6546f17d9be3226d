/** When older pages of jobs are asked for, and what is done where the coordinator knows them no more. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JobList } from '../core/job-list.js';
import { readJobPage } from '../core/wire.js';
import { RequestError } from './api.js';
import { JobsFollower } from './jobs-follower.js';

const SIZE = 2;

let page: { hidden: boolean };
/** What the coordinator has, the newest first: ids with their states. */
let jobs: [number, string][];
/** What it answers in place of pages. */
let status: number;
let asked: string[];
let list: JobList | null;
let follower: JobsFollower;

beforeEach(() => {
  vi.useFakeTimers();
  page = { hidden: false };
  vi.stubGlobal('document', page);
  jobs = [6, 5, 4, 3, 2, 1].map((id) => [id, 'JOB_STATE_SUCCEEDED']);
  [status, asked, list] = [200, [], null];
  follower = new JobsFollower(
    (changed) => {
      list = changed;
    },
    async (_, path) => {
      asked.push(path);
      return pageAt(new URL(path, 'http://host').searchParams.get('pageToken') ?? '');
    },
  );
});

afterEach(() => {
  follower.rest();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function pageAt(token: string): unknown {
  const first = token === '' ? 0 : jobs.findIndex(([id]) => `j${id}` === token);
  const refusal = first < 0 ? 400 : status;
  if (refusal !== 200) throw new RequestError(refusal, { code: '', message: 'no such page', fix: '' });
  const next = jobs[first + SIZE];
  return {
    jobs: jobs.slice(first, first + SIZE).map(([id, state]) => ({ id: `j${id}`, state })),
    nextPageToken: next ? `j${next[0]}` : '',
  };
}

const tell = (): void => follower.takeFirst(readJobPage(pageAt('')));
const shown = (): string => (list?.jobs ?? []).map(({ id }) => id).join(' ');
const stateOf = (id: number): string | undefined => list?.jobs.find((job) => job.id === `j${id}`)?.state;
const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * 1000);

/** Shows two pages. */
async function loaded(): Promise<void> {
  tell();
  await follower.loadMore();
  await seconds(60);
  asked = [];
}

it('nothing is asked for where the first page is all that is shown', async () => {
  tell();
  await seconds(60);
  expect(asked).toEqual([]);
});

it('older pages are asked for again once the first one has changed, at most every five seconds', async () => {
  await loaded();
  expect(shown()).toBe('j6 j5 j4 j3');
  for (let second = 0; second < 20; second++) {
    jobs = jobs.map(([id, state]) => [id, id === 3 && second > 15 ? 'JOB_STATE_FAILED' : state]);
    tell();
    await seconds(1);
  }
  expect(asked).toHaveLength(4);
  expect(stateOf(3)).toBe('JOB_STATE_FAILED');
  await seconds(60);
  expect(asked.length).toBeLessThanOrEqual(5);
});

it('a job on an older page is looked at for as long as it may change, while somebody looks', async () => {
  jobs[3] = [3, 'JOB_STATE_RUNNING'];
  await loaded();
  await seconds(11);
  expect(asked).toEqual(['/api/jobs?pageToken=j4', '/api/jobs?pageToken=j4']);
  page.hidden = true;
  await seconds(60);
  expect(asked).toHaveLength(2);
  page.hidden = false;
  jobs[3] = [3, 'JOB_STATE_FAILED'];
  tell();
  await seconds(6);
  expect(stateOf(3)).toBe('JOB_STATE_FAILED');
  await seconds(60);
  expect(asked).toHaveLength(3);
});

it('a job on an older page is looked at again after a moment in which nobody looked', async () => {
  jobs[3] = [3, 'JOB_STATE_RUNNING'];
  await loaded();
  await seconds(4);
  page.hidden = true;
  await seconds(4);
  page.hidden = false;
  jobs[3] = [3, 'JOB_STATE_FAILED'];
  await seconds(6);
  expect(stateOf(3)).toBe('JOB_STATE_FAILED');
});

it('a list that nobody is shown rests, and goes on with all its pages', async () => {
  jobs[3] = [3, 'JOB_STATE_RUNNING'];
  await loaded();
  follower.rest();
  await seconds(60);
  expect(asked).toEqual([]);
  jobs[3] = [3, 'JOB_STATE_FAILED'];
  tell();
  expect(shown()).toBe('j6 j5 j4 j3');
  await seconds(6);
  expect(stateOf(3)).toBe('JOB_STATE_FAILED');
});

it('a coordinator that does not answer is asked less and less often, and what is shown stays', async () => {
  jobs[3] = [3, 'JOB_STATE_RUNNING'];
  await loaded();
  status = 503;
  await seconds(61);
  expect(asked.length).toBeLessThanOrEqual(8);
  expect(shown()).toBe('j6 j5 j4 j3');
  status = 200;
  jobs[3] = [3, 'JOB_STATE_FAILED'];
  await seconds(11);
  expect(stateOf(3)).toBe('JOB_STATE_FAILED');
});

it('a page that began with a deleted job is found anew from the first page', async () => {
  await loaded();
  jobs = jobs.filter(([id]) => id !== 2);
  await follower.loadMore();
  expect(shown()).toBe('j6 j5 j4 j3 j1');
  jobs = jobs.filter(([id]) => id !== 4);
  tell();
  jobs = jobs.filter(([id]) => id !== 3);
  await seconds(6);
  expect(shown()).toBe('j6 j5 j1');
  expect(list?.nextPageToken).toBe('');
});

it('what the stream tells while the first page is asked for is newer than the answer', async () => {
  await loaded();
  const before = readJobPage(pageAt(''));
  jobs = jobs.filter(([id]) => id !== 2).map(([id]) => [id, id === 6 ? 'JOB_STATE_FAILED' : 'JOB_STATE_CANCELLED']);
  const more = follower.loadMore();
  await vi.waitUntil(() => asked.length > 1);
  follower.takeFirst({ ...before, jobs: before.jobs.map((job) => ({ ...job, reason: 'newer' })) });
  await more;
  expect(list?.jobs[0]).toMatchObject({ id: 'j6', state: 'JOB_STATE_SUCCEEDED', reason: 'newer' });
  expect(stateOf(4)).toBe('JOB_STATE_CANCELLED');
});

it('whoever asks for more is told where that fails', async () => {
  await loaded();
  status = 503;
  await expect(follower.loadMore()).rejects.toMatchObject({ status: 503 });
  status = 200;
  await follower.loadMore();
  expect(shown()).toBe('j6 j5 j4 j3 j2 j1');
});
