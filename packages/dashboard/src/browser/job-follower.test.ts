/** What is asked for beside the stream of a job, and for how long. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EMPTY_VIEW, following, type JobView } from '../core/job-view.js';
import type { Failure } from '../core/wire.js';
import { RequestError } from './api.js';
import { JobFollower } from './job-follower.js';
import type { StreamOptions, StreamStatus } from './stream.js';

const PATH = '/api/jobs/a%2F1';
const ENDED = { state: 'JOB_STATE_SUCCEEDED', result: { processTimes: [] } };
const WHOLE = { ...ENDED, result: { processTimes: [{ process: 'coordinator', steps: 3 }] } };

let stream: StreamOptions;
let isStreaming: boolean;
let view: JobView;
let statuses: StreamStatus[];
let failures: Failure[];
let refusals: number;
/** Requests that wait for their answers. */
let asked: { readonly answer: (job: object) => void; readonly fail: (status: number) => void }[];
let askedInAll: number;
let follower: JobFollower;

beforeEach(() => {
  vi.useFakeTimers();
  [view, statuses, failures, refusals, asked, askedInAll] = [EMPTY_VIEW, [], [], 0, [], 0];
  follower = new JobFollower(
    'a/1',
    {
      onMessages: (messages) => {
        view = following(view, messages);
      },
      onStatus: (status) => statuses.push(status),
      onFailure: (failure) => failures.push(failure),
      onRefused: () => {
        refusals++;
      },
    },
    {
      followStream: (options) => {
        stream = options;
        isStreaming = true;
        return () => {
          isStreaming = false;
        };
      },
      request: (_, path) => {
        expect(path).toBe(PATH);
        askedInAll++;
        return new Promise((resolve, reject) => {
          const fail = (status: number): void =>
            reject(new RequestError(status, { code: `HTTP_${status}`, message: '', fix: '' }));
          asked.push({ answer: resolve, fail });
        });
      },
    },
  );
});

afterEach(() => {
  follower.close();
  vi.useRealTimers();
});

const running = (reason: string): void => stream.onMessage('job', { state: 'JOB_STATE_RUNNING', reason });

/** Answers the only request that there is. */
async function answer(job: object): Promise<void> {
  expect(asked).toHaveLength(1);
  asked.pop()?.answer(job);
  await vi.advanceTimersByTimeAsync(100);
}

async function fail(status: number): Promise<void> {
  expect(asked).toHaveLength(1);
  asked.pop()?.fail(status);
  await vi.advanceTimersByTimeAsync(0);
}

it('a job is asked for once while it runs, and once when it has ended', async () => {
  running('computes');
  await answer({ state: 'JOB_STATE_PENDING', resolvedSpec: 'name: a' });
  running('computes on');
  expect(asked).toHaveLength(0);
  stream.onMessage('job', ENDED);
  stream.onMessage('end', {});
  expect([isStreaming, statuses]).toEqual([false, ['open']]);
  await answer(WHOLE);
  expect(view.job).toMatchObject({ resolvedSpec: 'name: a', ...WHOLE });
  expect([view.isComplete, askedInAll]).toEqual([true, 2]);
});

it('what was asked before the end is asked again behind it', async () => {
  running('computes');
  stream.onMessage('job', ENDED);
  await answer({ state: 'JOB_STATE_RUNNING' });
  await answer(WHOLE);
  expect(view.job).toMatchObject(WHOLE);
});

it('an older answer takes the state of the stream not back', async () => {
  stream.onMessage('job', { state: 'JOB_STATE_PENDING' });
  running('computes');
  await answer({ state: 'JOB_STATE_PENDING', resolvedSpec: 'name: a' });
  expect(view.job).toMatchObject({ state: 'JOB_STATE_RUNNING', reason: 'computes', resolvedSpec: 'name: a' });
});

it('the result is asked for until it is there, at longer and longer intervals', async () => {
  stream.onMessage('job', ENDED);
  stream.onMessage('end', {});
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    await fail(seconds % 2 ? 0 : 503);
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
  }
  await answer(WHOLE);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(view.job).toMatchObject(WHOLE);
  expect([asked.length, failures]).toEqual([0, []]);
});

it.each([401, 403, 404])('who is refused with %i does not ask again', async (status) => {
  stream.onMessage('job', ENDED);
  await fail(status);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(0);
  expect([refusals, failures.map(({ code }) => code)]).toEqual(status === 401 ? [1, []] : [0, [`HTTP_${status}`]]);
});

it('a page that is closed asks for nothing more, and takes nothing in', async () => {
  stream.onMessage('job', ENDED);
  await fail(503);
  follower.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([askedInAll, view, isStreaming]).toEqual([1, EMPTY_VIEW, false]);
});

it('a stream goes on behind the newest event', () => {
  for (const sequence of [3, 7, 5]) stream.onMessage('event', { sequence });
  expect([stream.path, stream.after()]).toEqual([`${PATH}/events`, 7]);
});
