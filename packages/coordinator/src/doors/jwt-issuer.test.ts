import type { webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { JwtIssuer } from './jwt-issuer.js';

const ISSUER = 'https://login.example';
const AUDIENCE = 'lockstep';
const GOOD = { sub: 'alice', lockstep_role: 'submitter', lockstep_namespaces: ['vision'] };

/** A provider on loopback. */
async function provider() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const asked: string[] = [];
  const state = { isDown: false };
  const server = createServer(async (request, response) => {
    asked.push(request.url ?? '');
    if (state.isDown) return void response.writeHead(503).end();
    response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = new JwtIssuer({ issuer: ISSUER, audience: AUDIENCE, jwksUrl: `${url}/keys` });
  const sign = (
    claims: Record<string, unknown>,
    { head = {}, key = privateKey as Key, seconds = 60 }: Signing = {},
  ): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const all = { iss: ISSUER, aud: AUDIENCE, exp: now + seconds, ...claims };
    return new SignJWT(all as JWTPayload).setProtectedHeader({ alg: 'RS256', kid: 'one', ...head }).sign(key);
  };
  return { issuer, sign, publicKey, url, asked, state };
}

type Key = webcrypto.CryptoKey | Uint8Array;

interface Signing {
  readonly head?: Record<string, unknown> & { readonly alg?: string };
  readonly key?: Key;
  readonly seconds?: number;
}

describe('a token of a provider', () => {
  it('names a principal with its role and namespaces', async () => {
    const { issuer, sign } = await provider();
    expect(await issuer.find(await sign(GOOD))).toEqual({
      ...{ id: 'jwt:alice', name: 'alice', role: 'submitter', namespaces: ['vision'] },
    });
    const { lockstep_namespaces: _, ...rest } = GOOD;
    expect((await issuer.find(await sign(rest)))?.namespaces).toEqual(['default']);
    expect((await issuer.find(await sign({ ...GOOD, lockstep_role: 'admin' })))?.namespaces).toEqual(['*']);
  });

  it('A21 is nobody without a signature, with one made from the public key, or of another issuer, audience or time', async () => {
    const { issuer, sign, publicKey, url, asked } = await provider();
    const good = await sign(GOOD);
    const [, body = ''] = good.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const spki = Buffer.from(await exportSPKI(publicKey));
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    const stranger = await generateKeyPair('RS256');
    const attacks: Record<string, string> = {
      'alg none': `${none}.${body}.`,
      'no signature': `${good.split('.').slice(0, 2).join('.')}.`,
      'RS256 turned to HS256': await sign(GOOD, { head: { alg: 'HS256' }, key: spki }),
      'another key': await sign(GOOD, { key: stranger.privateKey }),
      'another issuer': await sign({ ...GOOD, iss: 'https://evil.example' }),
      'another audience': await sign({ ...GOOD, aud: 'other' }),
      expired: await sign({ ...GOOD, exp: hourAgo }),
      'without an end': await sign({ ...GOOD, exp: undefined }),
      'not yet': await sign({ ...GOOD, nbf: hourAgo + 7200 }),
      'without a subject': await sign({ ...GOOD, sub: undefined }),
      'kid as a path': await sign(GOOD, { head: { kid: '../../../../dev/null' }, key: stranger.privateKey }),
      'kid as SQL': await sign(GOOD, { head: { kid: "x' UNION SELECT 1" }, key: stranger.privateKey }),
      'keys by jku': await sign(GOOD, { head: { jku: `${url}/evil`, kid: 'two' }, key: stranger.privateKey }),
      'keys by x5u': await sign(GOOD, { head: { x5u: `${url}/evil`, kid: 'two' }, key: stranger.privateKey }),
      'a role that is none': await sign({ ...GOOD, lockstep_role: 'root' }),
      'a namespace that is none': await sign({ ...GOOD, lockstep_namespaces: ['../x'] }),
    };
    for (const [name, token] of Object.entries(attacks)) expect(await issuer.find(token), name).toBeNull();
    expect(await issuer.find(good)).not.toBeNull();
    expect(asked.every((path) => path === '/keys')).toBe(true);
  });

  it('is not checked by keys that come in the clear from another machine', () => {
    for (const jwksUrl of ['http://login.example/keys', 'file:///keys', 'keys']) {
      expect(() => new JwtIssuer({ issuer: ISSUER, audience: AUDIENCE, jwksUrl })).toThrow(/https alone/);
    }
  });

  it('A22 is not judged while the provider is down: its last keys hold, and it is asked no more than now and then', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { issuer, sign, asked, state } = await provider();
    const day = { seconds: 3 * 86_400 };
    const good = await sign(GOOD, day);
    state.isDown = true;
    for (let call = 0; call < 5; call++) {
      await expect(issuer.find(good)).rejects.toMatchObject({ code: 'IDENTITY_UNAVAILABLE' });
    }
    expect(asked).toHaveLength(1);
    state.isDown = false;
    vi.advanceTimersByTime(6_000);
    expect(await issuer.find(good)).toMatchObject({ name: 'alice' });
    state.isDown = true;
    vi.advanceTimersByTime(3_600_000);
    expect(await issuer.find(good)).toMatchObject({ name: 'alice' });
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    await expect(issuer.find(await sign(GOOD, { ...day, head: { kid: 'two' } }))).rejects.toMatchObject({
      code: 'IDENTITY_UNAVAILABLE',
    });
    expect(await issuer.find(good)).toMatchObject({ name: 'alice' });
    vi.advanceTimersByTime(86_400_000);
    await expect(issuer.find(good)).rejects.toMatchObject({ code: 'IDENTITY_UNAVAILABLE' });
  });
});
