/** Which requests are those of the server's own pages. The ids are those of docs/security.md. */
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Asked, ask, showJobs } from '../testing/dashboard.js';
import { isForUs, isSafeName, type OwnSite } from './own-site.js';

const PROXY = new URL('https://train.example.org/');
const LOCKED: OwnSite = { scheme: 'http', host: '0.0.0.0', isOwnMachine: false, isOpen: false, proxy: null };
const OPEN: OwnSite = { ...LOCKED, isOpen: true };

function served(hosts: readonly string[], site: OwnSite): readonly boolean[] {
  return hosts.map(
    (host) =>
      isSafeName({ host }, site) && isForUs({ host }, site) && isForUs({ host, origin: `http://${host}` }, site),
  );
}

describe('Host', () => {
  it('A3 is no name that anybody may have turned to this address, where nobody is asked who it is', () => {
    const own = ['10.0.0.7:9464', '[fd00::7]:9464', 'localhost:9464', `${hostname().toLowerCase()}:9464`];
    expect(served(own, OPEN)).toEqual([true, true, true, true]);
    expect(served(['attacker.example:9464', '10.0.0.7.attacker.example', 'train.example.org'], OPEN)).toEqual([
      false,
      false,
      false,
    ]);
    expect(served(['train.lan:9464', 'attacker.example'], { ...OPEN, host: 'train.lan' })).toEqual([true, false]);
    expect(served(['train.example.org', 'attacker.example'], { ...OPEN, proxy: PROXY })).toEqual([true, false]);
    expect(isSafeName({}, OPEN)).toBe(false);
  });

  it('A3 is any name where callers are asked who they are, but on loopback', () => {
    expect(served(['train.lan:9464', '10.0.0.7'], LOCKED)).toEqual([true, true]);
    expect(served(['train.lan:9464', '10.0.0.7', '127.0.0.1:1'], { ...LOCKED, isOwnMachine: true })).toEqual([
      false,
      false,
      true,
    ]);
  });
});

it('A41 a script cancels with its token and without an origin, and no page does so in its place', async () => {
  const shown = await showJobs({ tokens: { viewer: { role: 'viewer' }, submitter: { role: 'submitter' } } });
  const job = shown.add('a');
  const { cookie } = await ask(shown.address, '/api/session', { body: { token: shown.tokens.submitter } });
  const authorization = `Bearer ${shown.tokens.submitter}`;
  const cancel = async (headers: Asked['headers']): Promise<number> =>
    (
      await ask(shown.address, '/api/jobs/a/cancel', {
        body: { reason: 'because' },
        headers: { origin: undefined, ...headers },
      })
    ).status;
  for (const headers of [
    {},
    { cookie },
    { cookie, authorization },
    { cookie: '', authorization },
    { authorization, origin: 'http://attacker.example' },
    { authorization, origin: 'null' },
    { authorization, origin: '' },
    { authorization, 'sec-fetch-site': 'cross-site' },
    { authorization: `Basic ${shown.tokens.submitter}` },
    { authorization: 'Bearer' },
    { authorization: '' },
  ]) {
    expect(await cancel(headers), JSON.stringify(headers)).toBe(403);
  }
  expect(await cancel({ authorization: 'Bearer garbage' })).toBe(401);
  expect(await cancel({ authorization: `Bearer ${shown.tokens.viewer}` })).toBe(403);
  const preflight = await ask(shown.address, '/api/jobs/a/cancel', {
    method: 'OPTIONS',
    headers: { 'access-control-request-headers': 'authorization', 'access-control-request-method': 'POST' },
  });
  expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([405, undefined]);
  expect(job.hasEnded).toBe(false);
  expect(await cancel({ authorization })).toBe(200);
  expect(job.hasEnded).toBe(true);
});
