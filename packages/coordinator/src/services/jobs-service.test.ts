/** The job service as a client sees it: submit, list, upload, download, watch, and every refusal. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import {
  fromServiceError,
  type Job__Output,
  type ListJobsResponse__Output,
  type ValidateSpecResponse__Output,
  type WatchJobResponse__Output,
} from '@lockstep/protocol';
import { type ErrorCode, LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { CSV, RunningCoordinator, SPEC, sha256Of } from '../testing/running-coordinator.js';

const DATA = Buffer.from(CSV);
const SHA256 = sha256Of(DATA);

async function errorOf(call: Promise<unknown>): Promise<LockstepError> {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof LockstepError) return thrown;
  throw new Error(`expected a LockstepError, got ${thrown}`);
}

async function codeOf(call: Promise<unknown>): Promise<ErrorCode> {
  return (await errorOf(call)).code;
}

describe('submitting a job', () => {
  it('answers the same request id with the same job, also at once and twice', async () => {
    const running = await RunningCoordinator.start();
    const requestId = 'c0ffee00-0000-4000-8000-000000000000';
    const first = await running.submit(SPEC, { requestId });
    const again = await Promise.all([running.submit(SPEC, { requestId }), running.submit(SPEC, { requestId })]);
    expect(again.map(({ id }) => id)).toEqual([first.id, first.id]);
    expect(await codeOf(running.submit(`${SPEC}\n# other`, { requestId }))).toBe('REQUEST_ID_REUSED');
    const { jobs } = await running.call<ListJobsResponse__Output>('listJobs', {});
    expect(jobs).toHaveLength(1);
  });

  it('refuses a spec with every problem, and what was not uploaded', async () => {
    const running = await RunningCoordinator.start();
    const problems = (await errorOf(running.submit('name: x\nmodle: []\ntrain: {loss: mse, epochs: none}\n'))).problems;
    expect(problems.map(({ path }) => path)).toEqual(expect.arrayContaining(['modle', 'data', 'train.epochs']));
    const missing = await errorOf(running.submit(SPEC, { uploads: {} }));
    expect(missing).toMatchObject({ code: 'UPLOAD_NOT_FOUND', field: 'data.path', value: 'data.csv' });
    expect(await codeOf(running.submit(SPEC, { uploads: { 'data.csv': 'f'.repeat(64) } }))).toBe('UPLOAD_NOT_FOUND');
    expect(await codeOf(running.submit(SPEC, { uploads: { 'data.csv': '../../etc/passwd' } }))).toBe(
      'PROTOCOL_VIOLATION',
    );
    expect((await running.call<ListJobsResponse__Output>('listJobs', {})).jobs).toEqual([]);
  });

  it('refuses words that nobody could keep or read: a request id or a reason that is long, or has several lines', async () => {
    const running = await RunningCoordinator.start();
    for (const text of ['a\nb', 'x'.repeat(1001)]) {
      const refusals = [
        await errorOf(running.submit(SPEC, { requestId: text })),
        await errorOf(running.call('cancelJob', { jobId: 'a', reason: text })),
      ];
      expect(refusals.map(({ code, field }) => [code, field])).toEqual([
        ['LIMIT_EXCEEDED', 'request_id'],
        ['LIMIT_EXCEEDED', 'reason'],
      ]);
    }
    expect((await running.call<ListJobsResponse__Output>('listJobs', {})).jobs).toEqual([]);
  });

  it('refuses formats and artifacts that it does not know, with those it does', async () => {
    const running = await RunningCoordinator.start();
    for (const method of ['submitJob', 'validateSpec']) {
      const refusal = await errorOf(running.call(method, { spec: SPEC, format: 9 }));
      expect(refusal).toMatchObject({ code: 'USAGE', field: 'format', value: '9' });
      expect(refusal.fix).toContain('SPEC_FORMAT_YAML');
      expect((refusal.cause as { code: number }).code).toBe(grpc.status.INVALID_ARGUMENT);
    }
    const { id } = await running.submit();
    const download = async (): Promise<void> => {
      const call = running.client.downloadModel({ jobId: id, artifact: 7 as never });
      for await (const piece of call) expect(piece).toBeUndefined();
    };
    const refusal = await errorOf(download().catch((thrown: unknown) => Promise.reject(fromServiceError(thrown))));
    expect(refusal).toMatchObject({ code: 'USAGE', field: 'artifact', value: '7' });
    expect(refusal.fix).toContain('ARTIFACT_MODEL');
  });

  it('makes a DNS label of any name', async () => {
    const running = await RunningCoordinator.start();
    const names: readonly (readonly [string, RegExp])[] = [
      ['Größe 9', /^gr-e-9-[a-z0-9]{8}$/],
      ['../x', /^x-[a-z0-9]{8}$/],
      ['9 lives', /^job-9-lives-[a-z0-9]{8}$/],
      ['-', /^job-[a-z0-9]{8}$/],
      ['a.b>*', /^a-b-[a-z0-9]{8}$/],
      ['X'.repeat(200), /^x{54}-[a-z0-9]{8}$/],
    ];
    for (const [name, id] of names) {
      const job = await running.submit(SPEC.replace('name: small', `name: ${JSON.stringify(name)}`));
      expect(job.name).toBe(name);
      expect(job.id).toMatch(id);
      expect(job.id.length).toBeLessThanOrEqual(63);
    }
  });

  it('says in numbers what a job without workers waits for', async () => {
    const running = await RunningCoordinator.start();
    const { id } = await running.submit();
    const events = await running.events(id, ({ stateChanged }) => stateChanged?.reason.includes('ready') === true);
    expect(events.at(-1)?.stateChanged).toMatchObject({
      state: 'JOB_STATE_PENDING',
      reason: '0 of 2 workers are ready',
    });
  });

  it('says in numbers what the next one waits for', async () => {
    const running = await RunningCoordinator.start();
    await running.submit();
    const second = await running.submit();
    expect(second.reason).toBe('waits for 1 worker: 0 of 0 connected fit');
    const third = await running.submit();
    expect(third.reason).toBe('2nd in the queue: waits for 1 worker: 0 of 0 connected fit');
  });

  it('fails a job whose data does not fit its spec, naming the column', async () => {
    const running = await RunningCoordinator.start();
    const { id } = await running.submit(SPEC.replace('label: y', 'label: z'));
    expect((await running.ended(id)).failure).toMatchObject({ code: 'DATA_COLUMN_NOT_FOUND', field: 'data.label' });
  });
});

describe('reading jobs', () => {
  it('lists pages from the newest on', async () => {
    const running = await RunningCoordinator.start();
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.unshift((await running.submit()).id);
    const found: string[] = [];
    let pageToken = '';
    do {
      const page = await running.call<ListJobsResponse__Output>('listJobs', { pageSize: 2, pageToken });
      found.push(...page.jobs.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(found).toEqual(ids);
    expect(await codeOf(running.call('listJobs', { pageSize: -1 }))).toBe('USAGE');
    expect(await codeOf(running.call('listJobs', { pageToken: 'nowhere' }))).toBe('USAGE');
  });

  it('knows no job that was not submitted', async () => {
    const running = await RunningCoordinator.start();
    expect(await codeOf(running.call('getJob', { jobId: 'nope' }))).toBe('JOB_NOT_FOUND');
    expect(await codeOf(running.call('cancelJob', { jobId: 'nope' }))).toBe('JOB_NOT_FOUND');
    await expect(running.events('nope')).rejects.toThrow('nope');
  });

  it('gives the events up to now of a job that has not ended, where no more are asked for', async () => {
    const running = await RunningCoordinator.start();
    const { id } = await running.submit();
    await running.events(id, ({ stateChanged }) => stateChanged?.reason.includes('ready') === true);
    const reasons: string[] = [];
    const stream = running.client.watchJob({ jobId: id, untilNow: true });
    for await (const { event } of stream as AsyncIterable<WatchJobResponse__Output>) {
      reasons.push(event?.stateChanged?.reason ?? '');
    }
    expect([reasons[0], reasons.at(-1)]).toEqual(['waits for its turn', '0 of 2 workers are ready']);
  });

  it('keeps a job that has ended as it is when it is cancelled', async () => {
    const running = await RunningCoordinator.start();
    const { id } = await running.submit();
    const cancel = async (reason: string): Promise<Job__Output> =>
      (await running.call<{ job: Job__Output }>('cancelJob', { jobId: id, reason })).job;
    expect(await cancel('first')).toMatchObject({ state: 'JOB_STATE_CANCELLED', reason: 'first' });
    expect(await cancel('second')).toMatchObject({ state: 'JOB_STATE_CANCELLED', reason: 'first' });
  });

  it('has no model before a job has succeeded', async () => {
    const running = await RunningCoordinator.start();
    const { id } = await running.submit();
    const download = async (): Promise<void> => {
      for await (const piece of running.client.downloadModel({ jobId: id })) expect(piece).toBeUndefined();
    };
    await expect(download()).rejects.toThrow('FAILED_PRECONDITION: Job small-');
  });

  it('validates a spec in the body of the answer', async () => {
    const running = await RunningCoordinator.start();
    const good = await running.call<ValidateSpecResponse__Output>('validateSpec', { spec: SPEC });
    expect(good.problems).toEqual([]);
    expect(good.resolvedSpec).toContain('lanes: 4');
    const bad = await running.call<ValidateSpecResponse__Output>('validateSpec', {
      spec: SPEC.replace('epochs', 'epoch'),
    });
    expect(bad.problems[0]).toMatchObject({ path: 'train.epoch', code: 'SPEC_UNKNOWN_KEY', line: 8 });
    expect(bad.resolvedSpec).toBe('');
  });
});

describe('uploading data', () => {
  const head = { sha256: SHA256, totalBytes: DATA.length };

  it('goes on where an earlier try stopped', async () => {
    const running = await RunningCoordinator.start();
    const half = await running.upload([{ ...head, offset: 0, data: DATA.subarray(0, 100) }]);
    expect(half).toEqual({ storedBytes: 100, complete: false });
    expect(await running.call('getUpload', { sha256: SHA256 })).toEqual(half);
    const rest = await running.upload([
      { ...head, offset: 100, data: Buffer.alloc(0) },
      { offset: 100, data: DATA.subarray(100, 150) },
      { offset: 150, data: DATA.subarray(150) },
    ]);
    expect(rest).toEqual({ storedBytes: DATA.length, complete: true });
    expect(await running.call('getUpload', { sha256: SHA256 })).toEqual(rest);
  });

  it('takes a file that is there already, whatever is sent', async () => {
    const running = await RunningCoordinator.start();
    const whole = { ...head, offset: 0, data: DATA };
    const answers = [
      await running.upload([whole]),
      await running.upload([whole]),
      await running.upload([whole, whole]),
    ];
    for (const answer of answers) expect(answer).toEqual({ storedBytes: DATA.length, complete: true });
  });

  it('lets many clients send the same file at once', async () => {
    const running = await RunningCoordinator.start();
    const pieces = Array.from({ length: Math.ceil(DATA.length / 50) }, (_, index) => ({
      ...{ ...head, offset: index * 50 },
      data: DATA.subarray(index * 50, index * 50 + 50),
    }));
    const answers = await Promise.all([1, 2, 3, 4].map(() => running.upload(pieces)));
    for (const answer of answers) expect(answer).toEqual({ storedBytes: DATA.length, complete: true });
    expect(await readdir(join(running.storeDirectory, 'uploads'))).toEqual([SHA256]);
  });

  it('refuses a gap, too many bytes and a name that is no hash', async () => {
    const running = await RunningCoordinator.start();
    expect(await codeOf(running.upload([{ ...head, offset: 1, data: DATA }]))).toBe('PROTOCOL_VIOLATION');
    expect(await codeOf(running.upload([{ ...head, totalBytes: 10, offset: 0, data: DATA }]))).toBe(
      'PROTOCOL_VIOLATION',
    );
    expect(await codeOf(running.upload([{ ...head, sha256: '../x', offset: 0, data: DATA }]))).toBe(
      'PROTOCOL_VIOLATION',
    );
    expect(await codeOf(running.upload([]))).toBe('PROTOCOL_VIOLATION');
    expect(await codeOf(running.upload([{ ...head, totalBytes: 2 ** 41, offset: 0, data: DATA }]))).toBe(
      'DATA_TOO_LARGE',
    );
  });

  it('drops bytes that do not have the hash, so that the next try starts anew', async () => {
    const running = await RunningCoordinator.start();
    const wrong = Buffer.from(DATA).fill(120, 0, 10);
    expect(await codeOf(running.upload([{ ...head, offset: 0, data: wrong }]))).toBe('UPLOAD_MISMATCH');
    expect(await running.call('getUpload', { sha256: SHA256 })).toEqual({ storedBytes: 0, complete: false });
    expect(await running.upload([{ ...head, offset: 0, data: DATA }])).toMatchObject({ complete: true });
  });
});
