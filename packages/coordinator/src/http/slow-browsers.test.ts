/** Browsers that take or send too slowly, or too much, with bounds that a test can wait for. The ids are those of docs/security.md. */
import { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ask, follow, showJobs } from '../testing/dashboard.js';

/** For what comes sooner or later, on any machine. */
const LONG_MS = 30_000;
/** For how long a browser may take nothing: on a machine with a lot to do one that takes all is slow, too. */
const patience = vi.hoisted(() => ({ stalledMs: 60_000 }));

vi.mock('../limits.js', async (original) => ({
  ...(await original<object>()),
  ...{ EVENT_TICK_MS: 20, EVENT_ALIVE_MS: 40, WHO_AGAIN_MS: 40, SLOW_HEAD_MS: 1000 },
  ...{ MAX_EVENT_STREAMS: 5, MAX_EVENT_STREAMS_OF_CALLER: 3 },
  get STALLED_PEER_MS() {
    return patience.stalledMs;
  },
}));

it('A43 streams are so many, of an address where nobody is asked, and one that has ended makes room', async () => {
  const shown = await showJobs();
  shown.add('a');
  const open = [];
  for (let count = 0; count < 3; count++) open.push(await follow(shown.address, '/api/jobs/a/events'));
  const refused = await ask(shown.address, '/api/events');
  expect([refused.status, refused.json().code]).toEqual([429, 'RATE_LIMITED']);
  open[0]?.close();
  await vi.waitFor(async () => {
    const next = await follow(shown.address, '/api/events');
    expect(next.status).toBe(200);
  }, LONG_MS);
});

it('A43 streams are so many of a caller, and others behind the same address have theirs', async () => {
  const shown = await showJobs({ tokens: { ada: { role: 'viewer' }, bob: { role: 'viewer' } } });
  const open = async (name: string): Promise<number> => {
    const headers = { authorization: `Bearer ${shown.tokens[name]}` };
    return (await follow(shown.address, '/api/events', { headers })).status;
  };
  const statuses = [];
  for (const name of ['ada', 'ada', 'ada', 'ada', 'bob', 'bob', 'bob']) statuses.push(await open(name));
  expect(statuses).toEqual([200, 200, 200, 429, 200, 200, 429]);
});

it('A43 a browser that takes nothing loses its place, and nothing is kept for it meanwhile', {
  timeout: 3 * LONG_MS,
}, async () => {
  const shown = await showJobs();
  const job = shown.add('a');
  const path = '/api/jobs/a/events';
  const slow = await Promise.all([1, 2, 3].map(() => follow(shown.address, path)));
  for (const { pause } of slow) pause();
  const written = vi.spyOn(ServerResponse.prototype, 'write');
  onTestFinished(() => written.mockRestore());
  const note = { level: 'NOTE_LEVEL_INFO', code: 'N', message: 'x'.repeat(300_000) } as const;
  for (let count = 0; count < 100; count++) job.emit({ note });
  const blocked = (): number => written.mock.results.filter(({ value }) => value === false).length;
  await vi.waitFor(() => expect(blocked()).toBeGreaterThanOrEqual(slow.length), LONG_MS);
  expect((await ask(shown.address, '/api/jobs')).status).toBe(200);
  expect((await follow(shown.address, path)).status).toBe(429);
  expect(written.mock.calls.length).toBeLessThan(3 * 50);
  patience.stalledMs = 100;
  onTestFinished(() => void Object.assign(patience, { stalledMs: 60_000 }));
  const quick = await vi.waitFor(async () => {
    const next = await follow(shown.address, path);
    expect(next.status).toBe(200);
    patience.stalledMs = 60_000;
    return next;
  }, LONG_MS);
  await vi.waitFor(() => expect(quick.told.filter(({ event }) => event === 'event')).toHaveLength(101), LONG_MS);
});

it('A43 a body that comes too slowly ends its connection, and an answer that goes on does not', async () => {
  const shown = await showJobs();
  const job = shown.add('a');
  const stream = await follow(shown.address, '/api/jobs/a/events');
  const [host, port] = shown.address.split(':');
  const socket = connect({ host, port: Number(port) });
  const head = [
    'POST /api/jobs/a/cancel HTTP/1.1',
    `Host: ${shown.address}`,
    `Origin: http://${shown.address}`,
    'Content-Type: application/json',
    'Content-Length: 1000',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n{`);
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {}).once('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
  job.advance({ type: 'running', what: 'trains' });
  await vi.waitFor(() => expect(stream.told.at(-1)?.data).toMatchObject({ state: 'JOB_STATE_RUNNING' }), LONG_MS);
  await vi.waitFor(() => expect(stream.alive()).toBeGreaterThan(1), LONG_MS);
});

it('A42 streams of a session end when its token is taken away', async () => {
  const shown = await showJobs({ tokens: { ada: { role: 'viewer' }, bob: { role: 'viewer' } } });
  shown.add('a');
  const streams = [];
  for (const [name, path] of [
    ['ada', '/api/events'],
    ['ada', '/api/jobs/a/events'],
    ['bob', '/api/jobs/a/events'],
  ] as const) {
    const { cookie } = await ask(shown.address, '/api/session', { body: { token: shown.tokens[name] } });
    streams.push(await follow(shown.address, path, { headers: { cookie } }));
  }
  await shown.revoke('ada');
  const states = ['open', 'open', 'open'];
  for (const [index, { ended }] of streams.entries()) void ended.then(() => states.splice(index, 1, 'ended'));
  await vi.waitFor(() => expect(states.slice(0, 2)).toEqual(['ended', 'ended']), 10_000);
  expect(states[2]).toBe('open');
});

it('A43 streams end at once when the server does', async () => {
  const shown = await showJobs();
  shown.add('a');
  const stream = await follow(shown.address, '/api/jobs/a/events');
  await shown.close();
  await stream.ended;
});
