/** The cookie of a session. The ids are those of docs/security.md. */
import { expect, it } from 'vitest';
import { ask, showJobs } from '../testing/dashboard.js';
import { SessionCookie } from './session-cookie.js';

it('A42 sessions of two coordinators on one machine stand side by side', async () => {
  const tokens = { ada: { role: 'viewer' } } as const;
  const both = [await showJobs({ tokens }), await showJobs({ tokens })];
  const logins = both.map(({ address, tokens: { ada } }) => ask(address, '/api/session', { body: { token: ada } }));
  const cookie = (await Promise.all(logins)).map((login) => login.cookie).join('; ');
  for (const { address } of both) expect((await ask(address, '/api/jobs', { headers: { cookie } })).status).toBe(200);
});

it('A42 a cookie is of one port, and under TLS of one host and of no neighbour', () => {
  const site = { scheme: 'http', host: '0.0.0.0', isOwnMachine: false, isOpen: false, proxy: null } as const;
  const id = 'A'.repeat(43);
  const cookies = [
    { ...site, scheme: 'https' as const },
    { ...site, proxy: new URL('https://train.example.org/') },
    { ...site, proxy: new URL('https://train.example.org:8443/') },
    { ...site, proxy: new URL('http://train.example.org/') },
    site,
  ].map((of) => {
    const cookie = new SessionCookie(of);
    const host = 'train.example.org:9464';
    const [named = '', ...rest] = cookie.headerOf(id, { host })['set-cookie'].split('; ');
    expect(cookie.idIn({ host, cookie: `a=b; ${named}` })).toBe(id);
    for (const other of [`lockstep_session=${id}`, `X${named}`, `${named}; ${named}`, `${named}=`])
      expect(cookie.idIn({ host, cookie: other }), other).toBe('');
    return `${named.split('=')[0]} ${rest.join(' ')}`;
  });
  const about = 'Path=/ HttpOnly SameSite=Strict Max-Age=43200';
  expect(cookies).toEqual([
    `__Host-lockstep_session_9464 ${about} Secure`,
    `__Host-lockstep_session_443 ${about} Secure`,
    `__Host-lockstep_session_8443 ${about} Secure`,
    `lockstep_session_80 ${about}`,
    `lockstep_session_9464 ${about}`,
  ]);
});

it('A42 at a forwarded port a cookie needs no TLS, and past the proxy alone', async () => {
  const proxy = new URL('https://train.example.org/');
  const shown = await showJobs({ tokens: { ada: { role: 'viewer' } }, proxy });
  const body = { token: shown.tokens.ada };
  const port = shown.address.split(':')[1];
  const forwarded = await ask(shown.address, '/api/session', { body });
  expect(forwarded.headers['set-cookie']).toEqual([
    expect.stringMatching(`^lockstep_session_${port}=[^;]{43}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200$`),
  ]);
  const proxied = { host: proxy.host, origin: proxy.origin };
  for (const headers of [proxied, { origin: proxy.origin }, { host: proxy.host, origin: `http://${proxy.host}` }])
    expect((await ask(shown.address, '/api/session', { body, headers })).headers['set-cookie']).toEqual([
      expect.stringMatching('^__Host-lockstep_session_443=[^;]{43}; .*; Secure$'),
    ]);
  const safe = await ask(shown.address, '/api/session', { body, headers: proxied });
  const status = async (cookie: string, host?: string): Promise<number> =>
    (await ask(shown.address, '/api/jobs', { headers: { cookie, ...(host ? { host } : {}) } })).status;
  expect([await status(forwarded.cookie), await status(forwarded.cookie, proxy.host)]).toEqual([200, 401]);
  expect([await status(safe.cookie), await status(safe.cookie, proxy.host)]).toEqual([200, 200]);
});

it('A42 no cookie that a neighbour has planted counts beside a safer one, nor where Host is no forwarded port', () => {
  const proxy = new URL('https://train.example.org/');
  const site = { scheme: 'http', host: '0.0.0.0', isOwnMachine: false, isOpen: false, proxy } as const;
  const cookie = new SessionCookie(site);
  const [own, planted] = ['A'.repeat(43), 'B'.repeat(43)];
  const host = '127.0.0.1:9464';
  const weak = `lockstep_session_9464=${planted}`;
  for (const both of [`${weak}; __Host-lockstep_session_443=${own}`, `__Host-lockstep_session_443=${own}; ${weak}`])
    expect(cookie.idIn({ host, cookie: both })).toBe(own);
  expect(cookie.idIn({ host, cookie: `${weak}; __Host-lockstep_session_443=` })).toBe('');
  expect(cookie.idIn({ host, cookie: weak })).toBe(planted);
  for (const other of ['10.0.0.7:9464', 'coordinator:9464', 'train.example.org:9464', 'train.example.org'])
    expect(cookie.idIn({ host: other, cookie: weak }), other).toBe('');
  expect(cookie.idIn({ host, origin: proxy.origin, cookie: weak })).toBe('');
  expect(new SessionCookie({ ...site, scheme: 'https' }).idIn({ host, cookie: weak })).toBe('');
});
