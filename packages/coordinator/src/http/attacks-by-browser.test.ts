/** Attacks through a browser, or what says that it is one. The ids are those of docs/security.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { TestAuthority } from '../../../../test/support/certificates.js';
import { PERMISSIONS, type Permission } from '../core/principal.js';
import { MAX_FAILED_TOKENS, MAX_SESSIONS, MAX_SESSIONS_OF_CALLER, SESSION_MS } from '../limits.js';
import { type Asked, ask, follow, type Got, type Shown, showJobs } from '../testing/dashboard.js';
import { Sessions } from './sessions.js';

const ROLES = { viewer: { role: 'viewer' }, submitter: { role: 'submitter' }, worker: { role: 'worker' } } as const;
const CANCEL = { body: { reason: 'because' } } as const;

/** Name of a session's cookie. */
function cookieAt({ address }: Shown): string {
  return `lockstep_session_${address.split(':')[1]}`;
}

function login({ address, tokens }: Shown, name: string, asked: Asked = {}): Promise<Got> {
  return ask(address, '/api/session', { body: { token: tokens[name] ?? name }, ...asked });
}

describe('the site', () => {
  it('A3 a name turned to this address and a foreign origin get no page, no job and no session', async () => {
    const shown = await showJobs();
    shown.add('a');
    for (const path of ['/', '/assets/app-0.js', '/api/session', '/api/jobs', '/api/events', '/api/jobs/a/events']) {
      for (const headers of [
        { host: 'attacker.example' },
        { origin: 'http://attacker.example' },
        { origin: 'null' },
        { host: 'attacker.example', origin: 'http://attacker.example' },
      ]) {
        expect((await ask(shown.address, path, { headers })).status, `${path} ${JSON.stringify(headers)}`).toBe(403);
      }
    }
  });

  it('A3 with --insecure a name turned to this address gets no page, no job and no session, and cancels nothing', async () => {
    const shown = await showJobs({ host: '0.0.0.0' });
    const job = shown.add('a');
    const headers = { host: 'attacker.example', origin: 'http://attacker.example' };
    for (const path of ['/', '/assets/app-0.js', '/api/session', '/api/jobs', '/api/events', '/api/jobs/a/events'])
      expect((await ask(shown.address, path, { headers })).status, path).toBe(403);
    expect((await ask(shown.address, '/api/jobs/a/cancel', { ...CANCEL, headers })).status).toBe(403);
    expect(job.hasEnded).toBe(false);
    expect((await ask(shown.address, '/api/jobs')).status).toBe(200);
  });

  it('A3 behind a proxy its name and origin are right as well, and no others', async () => {
    const shown = await showJobs({ proxy: new URL('https://train.example.org/') });
    expect(shown.dashboardUrl).toBe('https://train.example.org/');
    const host = 'train.example.org';
    expect((await ask(shown.address, '/api/jobs', { headers: { host } })).status).toBe(200);
    const from = async (origin: string): Promise<number> =>
      (await ask(shown.address, '/api/jobs/none/cancel', { ...CANCEL, headers: { host, origin } })).status;
    expect([await from('https://train.example.org'), await from('https://example.org')]).toEqual([404, 403]);
    expect((await ask(shown.address, '/api/jobs', { headers: { host: 'example.org' } })).status).toBe(403);
  });

  it('A41 no page of another site, and no form, cancels a job or logs somebody in or out', async () => {
    const shown = await showJobs();
    const job = shown.add('a');
    const port = Number(shown.address.split(':')[1]);
    for (const headers of [
      { origin: undefined },
      { origin: 'null' },
      { origin: 'http://attacker.example' },
      { origin: `http://127.0.0.1:${port + 1}` },
      { origin: `http://localhost:${port}` },
      { origin: `https://${shown.address}` },
      { origin: `http://${shown.address}/` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      for (const asked of [
        { path: '/api/jobs/a/cancel', ...CANCEL },
        { path: '/api/session', body: { token: 'x' } },
        { path: '/api/session', body: {}, method: 'DELETE' },
      ]) {
        const { status } = await ask(shown.address, asked.path, { ...asked, headers });
        expect(status, `${asked.path} ${JSON.stringify(headers)}`).toBe(403);
      }
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      const { status } = await ask(shown.address, '/api/jobs/a/cancel', {
        ...CANCEL,
        headers: { 'content-type': type },
      });
      expect(status, type).toBe(415);
    }
    expect((await ask(shown.address, '/api/jobs/a/cancel')).status).toBe(405);
    expect((await ask(shown.address, '/api/jobs', { headers: { 'sec-fetch-site': 'same-site' } })).status).toBe(403);
    expect(job.hasEnded).toBe(false);
    expect((await ask(shown.address, '/api/jobs/a/cancel', CANCEL)).status).toBe(200);
  });

  it('A33 pages and answers run nothing of others, stand in no frame, and are kept nowhere', async () => {
    const shown = await showJobs();
    for (const path of ['/', '/assets/app-0.js']) {
      const { headers } = await ask(shown.address, path);
      expect(headers['content-security-policy'], path).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers['permissions-policy']).toContain('camera=()');
    }
    for (const path of ['/', '/api/session', '/api/jobs', '/api/jobs/nope', '/nowhere', '/assets/none.js']) {
      const { headers } = await ask(shown.address, path);
      expect(headers, path).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      expect(headers['content-security-policy'], path).toMatch(/frame-ancestors 'none'/);
      if (path.startsWith('/api/')) expect(headers['cache-control']).toBe('no-store');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('A5 no path leads to a file that was not built for the page', async () => {
    const { address } = await showJobs();
    for (const path of [
      '/secret.txt',
      '/assets/../secret.txt',
      '/assets/..%2fsecret.txt',
      '/assets/%2e%2e/secret.txt',
      '/assets/..\\secret.txt',
      '/assets//app-0.js',
      '/assets/app-0.js%00',
      '/assets/__proto__',
      '/assets/constructor',
      '/assets/',
      '/index.html',
      '//attacker.example/',
      '/jobs/..%2f..',
      '/jobs/<script>alert(1)</script>',
    ]) {
      const { status, text } = await ask(address, path);
      expect([status, text], path).toEqual([404, 'not found\n']);
    }
  });

  it('A18 bodies are small and JSON, other methods are not served, and nothing that was asked is repeated', async () => {
    const shown = await showJobs();
    shown.add('a');
    const long = { body: { reason: 'x'.repeat(17_000) } };
    expect((await ask(shown.address, '/api/jobs/a/cancel', long)).status).toBe(413);
    const nested = `${'['.repeat(8000)}${']'.repeat(8000)}`;
    for (const body of ['', 'null', '[]', nested, '{"reason":"x","__proto__":{}}', '{"reason":"x"']) {
      expect((await ask(shown.address, '/api/jobs/a/cancel', { body })).status, body.slice(0, 20)).toBe(400);
    }
    for (const [path, methods] of [
      ['/', ['POST', 'DELETE', 'OPTIONS', 'TRACE']],
      ['/api/jobs', ['POST', 'PUT', 'OPTIONS', 'HEAD']],
      ['/api/jobs/a/events', ['POST', 'HEAD']],
      ['/api/session', ['PUT', 'PATCH']],
    ] as const) {
      for (const method of methods) {
        expect((await ask(shown.address, path, { method })).status, `${method} ${path}`).toBe(405);
      }
    }
    for (const path of [
      '/api/<b>x</b>',
      '/api/jobs/<b>x</b>',
      '/api/jobs?pageToken=<b>x</b>',
      '/api/jobs/a/events?after=<b>',
    ]) {
      expect((await ask(shown.address, path)).text).not.toContain('<b>');
    }
  });
});

describe('sessions', () => {
  it('A1 without one nothing of jobs is told, and the page itself is', async () => {
    const shown = await showJobs({ tokens: ROLES });
    shown.add('a');
    for (const path of ['/api/jobs', '/api/jobs/a', '/api/jobs/a/events', '/api/events']) {
      for (const headers of [
        {},
        { cookie: `${cookieAt(shown)}=` },
        { cookie: `${cookieAt(shown)}=${'A'.repeat(43)}` },
        { authorization: 'Bearer garbage' },
      ]) {
        const { status, json } = await ask(shown.address, path, { headers });
        expect([status, json().code], `${path} ${JSON.stringify(headers)}`).toEqual([401, 'UNAUTHENTICATED']);
      }
    }
    expect((await ask(shown.address, '/')).status).toBe(200);
    const nobody = { needsToken: true, who: null, mayCancel: false, version: '0.1.0' };
    expect((await ask(shown.address, '/api/session')).json()).toEqual(nobody);
  });

  it('A42 a session is no token, is of one browser, and gives what its token does', async () => {
    const shown = await showJobs({ tokens: ROLES });
    const job = shown.add('a');
    const { status, headers, cookie, json } = await login(shown, 'viewer');
    expect([status, json()]).toEqual([
      200,
      {
        needsToken: true,
        who: { name: 'viewer', role: 'viewer', namespaces: ['default'] },
        mayCancel: false,
        version: '0.1.0',
      },
    ]);
    expect(headers['set-cookie']?.[0]).toMatch(
      /^lockstep_session_\d+=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    expect(JSON.stringify(headers)).not.toContain(shown.tokens.viewer);
    expect((await ask(shown.address, '/api/jobs', { headers: { cookie } })).status).toBe(200);
    const refused = await ask(shown.address, '/api/jobs/a/cancel', { ...CANCEL, headers: { cookie } });
    expect([refused.status, refused.json().code, job.hasEnded]).toEqual([403, 'PERMISSION_DENIED', false]);
    const writer = await login(shown, 'submitter');
    expect(writer.json()).toMatchObject({ mayCancel: true });
    const done = await ask(shown.address, '/api/jobs/a/cancel', { ...CANCEL, headers: { cookie: writer.cookie } });
    expect([done.status, job.hasEnded]).toEqual([200, true]);
  });

  it('A42 no session is that which a browser brought along, and a new one ends the old', async () => {
    const shown = await showJobs({ tokens: ROLES });
    const brought = `${cookieAt(shown)}=${'B'.repeat(43)}`;
    const first = await login(shown, 'viewer', { headers: { cookie: brought } });
    expect(first.cookie).not.toBe(brought);
    const second = await login(shown, 'viewer', { headers: { cookie: first.cookie } });
    const status = async (cookie: string): Promise<number> =>
      (await ask(shown.address, '/api/jobs', { headers: { cookie } })).status;
    expect([await status(brought), await status(first.cookie), await status(second.cookie)]).toEqual([401, 401, 200]);
    expect(await status(`${second.cookie}; ${brought}`)).toBe(401);
  });

  it('A42 one ends at once when its token is taken away, and when its browser logs out', async () => {
    const shown = await showJobs({ tokens: { ...ROLES, other: { role: 'viewer' } } });
    shown.add('a');
    const { cookie } = await login(shown, 'viewer');
    await shown.revoke('viewer');
    expect((await ask(shown.address, '/api/jobs', { headers: { cookie } })).status).toBe(401);
    const other = { headers: { cookie: (await login(shown, 'other')).cookie } };
    const out = await ask(shown.address, '/api/session', { ...other, body: {}, method: 'DELETE' });
    expect([out.status, out.headers['set-cookie']?.[0]]).toEqual([
      204,
      `${cookieAt(shown)}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`,
    ]);
    expect((await ask(shown.address, '/api/jobs', other)).status).toBe(401);
  });

  it('A42 there are so many, for so long, and a caller with many loses its own', () => {
    let nowMs = 0;
    const sessions = new Sessions(() => nowMs);
    const first = sessions.open('Bearer first', 'token:first');
    const own = Array.from({ length: MAX_SESSIONS_OF_CALLER + 1 }, () => sessions.open('Bearer own', 'token:own'));
    expect([sessions.find(first), sessions.find(own[0] ?? ''), sessions.find(own[1] ?? '')]).toEqual([
      'Bearer first',
      undefined,
      'Bearer own',
    ]);
    nowMs = SESSION_MS - 1;
    expect(sessions.find(first)).toBe('Bearer first');
    nowMs = SESSION_MS;
    expect(sessions.find(first)).toBeUndefined();
    const kept = sessions.open('Bearer kept', 'token:kept');
    for (let count = 0; count < MAX_SESSIONS; count++) sessions.open('Bearer x', `token:${count}`);
    expect(sessions.find(kept)).toBeUndefined();
  });

  it('A20 a worker logs in nowhere, and a token in its place for a page reads no jobs', async () => {
    const shown = await showJobs({ tokens: ROLES });
    const refused = await login(shown, 'worker');
    expect([refused.status, refused.json().code, refused.cookie]).toEqual([403, 'PERMISSION_DENIED', '']);
    const headers = { authorization: `Bearer ${shown.tokens.worker}` };
    expect((await ask(shown.address, '/api/jobs', { headers })).status).toBe(403);
    expect((await ask(shown.address, '/api/session', { headers })).json()).toMatchObject({ who: null });
  });

  it('A22 guesses of a token are counted as anywhere, and a right one gets in all the same', async () => {
    const shown = await showJobs({ tokens: ROLES });
    for (let count = 0; count < MAX_FAILED_TOKENS; count++)
      expect((await login(shown, `lkt_${count}`)).status).toBe(401);
    const more = await login(shown, 'lkt_more');
    expect([more.status, more.json().code]).toEqual([429, 'RATE_LIMITED']);
    expect((await login(shown, 'viewer')).status).toBe(200);
  });

  it('A20 with TLS a session goes over TLS alone, and a certificate is as good as one', async () => {
    const authority = await TestAuthority.make();
    const [server, client] = [await authority.server(), await authority.client('lockstep://submitter/ada')];
    const shown = await showJobs({ tokens: ROLES, security: { tls: { ...server, ca: authority.ca } } });
    const job = shown.add('a');
    const ca = readFileSync(authority.ca, 'utf8');
    const { headers, cookie } = await login(shown, 'viewer', { ca });
    expect(headers['set-cookie']?.[0]).toMatch(
      /^__Host-lockstep_session_\d+=[^;]{43}; Path=\/; [^;]+; [^;]+; [^;]+; Secure$/,
    );
    expect((await ask(shown.address, '/api/jobs', { ca, headers: { cookie } })).status).toBe(200);
    const own = { ca, cert: readFileSync(client.cert, 'utf8'), key: readFileSync(client.key, 'utf8') };
    const clear = { ...own, ...CANCEL, headers: { origin: `http://${shown.address}` } };
    expect((await ask(shown.address, '/api/jobs/a/cancel', clear)).status).toBe(403);
    expect((await ask(shown.address, '/api/session', own)).json()).toMatchObject({
      who: { name: 'ada' },
      mayCancel: true,
    });
    expect((await ask(shown.address, '/api/jobs/a/cancel', { ...own, ...CANCEL })).status).toBe(200);
    expect(job.hasEnded).toBe(true);
  });
});

describe('other namespaces', () => {
  it('A23 workers are shown to those alone who may list them', async () => {
    const shown = await showJobs({ tokens: ROLES });
    const headers = { authorization: `Bearer ${shown.tokens.viewer}` };
    const rows = PERMISSIONS as Record<string, Permission>;
    const path = '/lockstep.v1.ClusterService/ListWorkers';
    const row = rows[path] ?? [];
    onTestFinished(() => void Object.assign(rows, { [path]: row }));
    rows[path] = ['admin'];
    expect((await ask(shown.address, '/api/jobs', { headers })).status).toBe(200);
    const { status, told } = await follow(shown.address, '/api/events', { headers });
    expect([status, told]).toEqual([403, []]);
  });

  it('A23 a job of one is as if it were not there: in lists, answers, streams and for cancelling', async () => {
    const shown = await showJobs({ tokens: { ada: { role: 'submitter', namespace: 'vision' } } });
    const [own, theirs] = [shown.add('own', 'vision'), shown.add('theirs', 'speech')];
    const { cookie } = await login(shown, 'ada');
    const headers = { cookie };
    const ids = (data: unknown): string[] => (data as { jobs: { id: string }[] }).jobs.map(({ id }) => id);
    expect(ids((await ask(shown.address, '/api/jobs', { headers })).json())).toEqual(['own']);
    const { told } = await follow(shown.address, '/api/events', { headers });
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(0), 20_000);
    expect(ids(told[0]?.data)).toEqual(['own']);
    for (const path of ['/api/jobs/theirs', '/api/jobs/theirs/events']) {
      const { status, json } = await ask(shown.address, path, { headers });
      expect([status, json().code], path).toEqual([404, 'JOB_NOT_FOUND']);
    }
    expect((await ask(shown.address, '/api/jobs/theirs/cancel', { ...CANCEL, headers })).status).toBe(404);
    expect((await ask(shown.address, '/api/jobs?pageToken=theirs', { headers })).status).toBe(400);
    const place = Buffer.from(JSON.stringify([theirs.createdUnixSeconds + 1, 'theirs'])).toString('base64url');
    expect(ids((await ask(shown.address, `/api/jobs?pageToken=${place}`, { headers })).json())).toEqual(['own']);
    expect([own.hasEnded, theirs.hasEnded]).toEqual([false, false]);
  });

  it('A23 who has cancelled, and who has tried, stands in the audit log as over gRPC, without secrets', async () => {
    const shown = await showJobs({ tokens: ROLES });
    shown.add('a');
    const viewer = { headers: { cookie: (await login(shown, 'viewer')).cookie } };
    await ask(shown.address, '/api/jobs/a/cancel', { ...CANCEL, ...viewer });
    const writer = { headers: { cookie: (await login(shown, 'submitter')).cookie } };
    await ask(shown.address, '/api/jobs/a/cancel', { ...CANCEL, ...writer });
    await ask(shown.address, '/api/jobs/a/cancel', { ...CANCEL, headers: { ...writer.headers, origin: 'null' } });
    await ask(shown.address, '/api/jobs/a');
    await login(shown, 'lkt_garbage');
    const lines = await shown.audit();
    const session = { what: '/api/session', on: '' };
    const cancel = { what: '/lockstep.v1.JobService/CancelJob', on: 'a' };
    expect(lines).toMatchObject([
      { role: 'viewer', ...session, outcome: 'allowed', status: 200 },
      { role: 'viewer', ...cancel, outcome: 'denied', status: 403 },
      { role: 'submitter', ...session, outcome: 'allowed' },
      { role: 'submitter', ...cancel, outcome: 'allowed', status: 200 },
      { who: null, what: '/lockstep.v1.JobService/GetJob', on: 'a', outcome: 'denied', status: 401 },
      { who: null, ...session, outcome: 'denied', status: 401 },
    ]);
    const text = JSON.stringify(lines);
    for (const secret of [...Object.values(shown.tokens), 'lkt_garbage', viewer.headers.cookie.split('=')[1] ?? ''])
      expect(text).not.toContain(secret);
  });

  it('A22 a token that is tried out where a page asks who somebody is stands in the audit log as anywhere', async () => {
    const shown = await showJobs({ tokens: ROLES });
    const get = async (headers: Asked['headers'] = {}): Promise<number> =>
      (await ask(shown.address, '/api/session', { headers })).status;
    expect(await get({ authorization: 'Bearer lkt_garbage' })).toBe(200);
    expect(await get()).toBe(200);
    expect(await get({ cookie: `${cookieAt(shown)}=${'A'.repeat(43)}` })).toBe(200);
    for (const name of ['viewer', 'worker']) {
      expect(await get({ authorization: `Bearer ${shown.tokens[name]}` })).toBe(200);
    }
    const session = { what: '/api/session', on: '' };
    expect(await shown.audit()).toMatchObject([
      { who: null, ...session, outcome: 'denied', status: 401 },
      { role: 'viewer', ...session, outcome: 'allowed', status: 200 },
      { role: 'worker', ...session, outcome: 'denied', status: 403 },
    ]);
    for (let count = 1; count < MAX_FAILED_TOKENS; count++) await get({ authorization: `Bearer lkt_${count}` });
    expect(await get({ authorization: 'Bearer lkt_more' })).toBe(429);
  });

  it('A22 while the audit log cannot be written nothing is cancelled', async () => {
    const shown = await showJobs({ tokens: ROLES, security: { auditPath: '/dev/full' } });
    const job = shown.add('a');
    const { cookie } = await login(shown, 'submitter');
    const { status, json } = await ask(shown.address, '/api/jobs/a/cancel', { ...CANCEL, headers: { cookie } });
    expect([status, json().code, job.hasEnded]).toEqual([503, 'AUDIT_UNAVAILABLE', false]);
  });
});
