/** What a browser gets from a coordinator: the page, jobs, and events that go on. */
import { mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { writeTokens } from '../doors/token-file.js';
import { ask, follow, showJobs } from '../testing/dashboard.js';
import { RunningCoordinator, type RunningOptions } from '../testing/running-coordinator.js';

describe('the page', () => {
  it('is one under all of its addresses, and what it loads stays with the browser', async () => {
    const { address } = await showJobs();
    for (const path of ['/', '/workers', '/jobs/small-1a2b3c4d', '/jobs/x?tab=logs']) {
      const { status, headers, text } = await ask(address, path);
      expect([status, headers['content-type'], headers['cache-control']]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-cache',
      ]);
      expect(text).toContain('<title>Lockstep</title>');
    }
    const script = await ask(address, '/assets/app-0.js');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const head = await ask(address, '/', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '38', '']);
  });

  it('is read again where it could not be read', async () => {
    const { address, pageFolder } = await showJobs();
    const html = join(pageFolder, 'index.html');
    const script = join(pageFolder, 'assets', 'app-0.js');
    for (const path of [html, script]) {
      await rename(path, `${path}.away`);
      await mkdir(path);
      const { status, text } = await ask(address, '/');
      expect([status, text], path).toEqual([503, 'the dashboard cannot be read now: try again\n']);
      await rmdir(path);
      await rename(`${path}.away`, path);
    }
    expect((await ask(address, '/')).status).toBe(200);
    expect((await ask(address, '/assets/app-0.js')).status).toBe(200);
  });

  it('is not there where it is switched off, and neither is what it asks', async () => {
    const { address, dashboardUrl } = await showJobs({ isOff: true });
    expect(dashboardUrl).toBe(null);
    for (const path of ['/', '/api/jobs', '/assets/app-0.js']) expect((await ask(address, path)).status).toBe(404);
    expect((await ask(address, '/healthz')).status).toBe(200);
  });
});

describe('a proxy in front of it', () => {
  it('is warned of where nobody is asked who they are', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-proxy-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const tokensPath = join(folder, 'tokens.json');
    await writeFile(tokensPath, writeTokens([]));
    const warnings = async (options: RunningOptions): Promise<readonly string[]> => {
      const lines: string[] = [];
      const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
      await RunningCoordinator.start({ ...options, logger });
      return lines;
    };
    const dashboardUrl = new URL('https://train.example.org/');
    expect(await warnings({ dashboardUrl })).toEqual([
      expect.stringContaining('whoever reaches the proxy in front of the dashboard sees and cancels jobs'),
    ]);
    expect(await warnings({ dashboardUrl, security: { tokensPath } })).toEqual([]);
    expect(await warnings({})).toEqual([]);
  });
});

describe('jobs', () => {
  it('are listed from the newest on, and shown with all that is known of one', async () => {
    const shown = await showJobs();
    for (let count = 10; count < 61; count++) shown.add(`job-${count}`);
    const first = (await ask(shown.address, '/api/jobs')).json() as { jobs: { id: string }[]; nextPageToken: string };
    expect([first.jobs.length, first.jobs[0]?.id]).toEqual([50, 'job-60']);
    const rest = await ask(shown.address, `/api/jobs?pageToken=${first.nextPageToken}`);
    expect(rest.json()).toMatchObject({ jobs: [{ id: 'job-10', resolvedSpec: '' }], nextPageToken: '' });
    const { headers, json } = await ask(shown.address, '/api/jobs/job-17');
    expect(json()).toMatchObject({ id: 'job-17', state: 'JOB_STATE_PENDING', activity: null, result: null });
    expect(json().resolvedSpec).toContain('epochs: 3');
    expect(headers['cache-control']).toBe('no-store');
    const none = await ask(shown.address, '/api/jobs/nope');
    expect([none.status, none.json().code]).toEqual([404, 'JOB_NOT_FOUND']);
  });

  it('are cancelled with a reason, which stands in their history', async () => {
    const shown = await showJobs();
    shown.add('a');
    const cancelled = await ask(shown.address, '/api/jobs/a/cancel', { body: { reason: 'too slow' } });
    expect([cancelled.status, cancelled.json()]).toMatchObject([
      200,
      { state: 'JOB_STATE_CANCELLED', reason: 'too slow' },
    ]);
    for (const body of [{ reason: 'two\nlines' }, { reason: 1 }, {}, { reason: '', more: 1 }, '{']) {
      expect((await ask(shown.address, '/api/jobs/a/cancel', { body })).status, JSON.stringify(body)).toBe(400);
    }
  });
});

describe('events of a job', () => {
  it('begin with the job, follow what happens, and end with it', async () => {
    const shown = await showJobs({
      known: {
        activityOf: ({ phase }) => (phase.state === 'running' ? { steps: 3, phaseSeconds: { compute: 0.5 } } : null),
      },
    });
    const job = shown.add('a');
    const { told, ended } = await follow(shown.address, '/api/jobs/a/events');
    await vi.waitFor(() => expect(told.map(({ event }) => event)).toEqual(['job', 'event']), 20_000);
    expect(told[0]).toMatchObject({ id: null, data: { id: 'a', state: 'JOB_STATE_PENDING' } });
    expect(told[1]?.data).toMatchObject({ stateChanged: { state: 'JOB_STATE_PENDING' } });
    job.advance({ type: 'running', what: 'trains' });
    job.emit({
      epochEnded: { epoch: 1, trainLoss: Number.NaN, seconds: 1, metrics: { accuracy: Number.POSITIVE_INFINITY } },
    });
    await vi.waitFor(() => expect(told.some(({ event }) => event === 'activity')).toBe(true), 20_000);
    expect(told.find(({ data }) => data.epochEnded)?.data.epochEnded).toMatchObject({
      ...{ epoch: 1, trainLoss: 'NaN', metrics: { accuracy: 'Infinity' } },
    });
    expect(told.find(({ event }) => event === 'activity')?.data).toMatchObject({
      steps: 3,
      phaseSeconds: { compute: 0.5 },
    });
    job.advance({ type: 'cancelled', why: 'enough' });
    await ended;
    expect(told.at(-2)).toMatchObject({ event: 'job', data: { state: 'JOB_STATE_CANCELLED' } });
    expect(told.at(-1)).toMatchObject({ event: 'end' });
  });

  it('go on behind the one that a browser has had last', async () => {
    const shown = await showJobs();
    const job = shown.add('a');
    for (let step = 0; step < 5; step++)
      job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'N', message: `${step}` } });
    job.advance({ type: 'cancelled', why: 'enough' });
    for (const [path, headers] of [
      ['/api/jobs/a/events?after=4', {}],
      ['/api/jobs/a/events?after=1', { 'last-event-id': '4' }],
    ] as const) {
      const { told, ended } = await follow(shown.address, path, { headers });
      await ended;
      const ids = told.filter(({ event }) => event === 'event').map(({ id }) => id);
      expect(ids).toEqual(['5', '6', '7']);
    }
    for (const after of ['-1', 'x', '1e3', '99999999999999999']) {
      expect((await ask(shown.address, `/api/jobs/a/events?after=${after}`)).status).toBe(400);
    }
  });

  it('go on after a restart of the coordinator, with those from before', async () => {
    const first = await RunningCoordinator.start();
    const { id } = await first.submit();
    await first.events(id, ({ stateChanged }) => stateChanged?.reason.includes('ready') === true);
    const before = await follow(first.metricsAddress, `/api/jobs/${id}/events`);
    await vi.waitFor(() => expect(before.told.length).toBeGreaterThan(2), 20_000);
    const last = before.told.filter(({ event }) => event === 'event').at(-1);
    const { storeDirectory } = first;
    await first.stop();
    await before.ended;
    const second = await RunningCoordinator.start({ storeDirectory });
    const after = await follow(second.metricsAddress, `/api/jobs/${id}/events`);
    const rest = await follow(second.metricsAddress, `/api/jobs/${id}/events`, {
      headers: { 'last-event-id': last?.id ?? '' },
    });
    await vi.waitFor(() => expect(rest.told.some(({ event }) => event === 'event')).toBe(true), 20_000);
    const ids = (told: typeof rest.told): number[] =>
      told.filter(({ event }) => event === 'event').map((event) => Number(event.id));
    expect(ids(after.told)).toContain(Number(last?.id));
    expect(Math.min(...ids(rest.told))).toBeGreaterThan(Number(last?.id));
  });
});

describe('events of all', () => {
  it('tell of jobs at once and when they change, and of workers', async () => {
    const shown = await showJobs({ known: { workers: () => [{ workerId: 'w0', state: 'free' }] } });
    const job = shown.add('a');
    const { told } = await follow(shown.address, '/api/events');
    await vi.waitFor(() => expect(told.map(({ event }) => event)).toEqual(['jobs', 'workers']), 20_000);
    expect(told[0]?.data).toMatchObject({ jobs: [{ id: 'a' }], nextPageToken: '' });
    expect(told[1]?.data).toMatchObject({ workers: [{ workerId: 'w0', state: 'free', jobId: '', engine: null }] });
    job.advance({ type: 'running', what: 'trains' });
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(2), 20_000);
    expect(told[2]).toMatchObject({ event: 'jobs', data: { jobs: [{ state: 'JOB_STATE_RUNNING' }] } });
  });
});
