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
