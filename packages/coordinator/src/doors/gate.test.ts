/** Tests of who is let in, without a listener. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SecurityConfig } from '../config.js';
import type { Role } from '../core/principal.js';
import { MAX_FAILED_TOKENS } from '../limits.js';
import { Gate } from './gate.js';
import { drawToken, writeTokens } from './token-file.js';

interface Opened {
  readonly gate: Gate;
  /** Text of a token of a role. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** Code that a token from an address is refused with; null where it is let in. */
  codeOf(token: string, from?: string): Promise<string | null>;
}

async function open(security: Partial<SecurityConfig> = {}): Promise<Opened> {
  const storeDirectory = await mkdtemp(join(tmpdir(), 'lockstep-gate-'));
  onTestFinished(() => rm(storeDirectory, { recursive: true, force: true }));
  const drawn = (['admin', 'submitter', 'viewer', 'worker'] as const).map((role) => {
    const seconds = { createdUnixSeconds: 0, expiresUnixSeconds: Date.now() / 1000 + 3600 };
    return { role, ...drawToken({ name: role, role, namespaces: ['default'], ...seconds }) };
  });
  const tokensPath = join(storeDirectory, 'tokens.json');
  await writeFile(tokensPath, writeTokens(drawn.map(({ kept }) => kept)));
  const config = { host: '127.0.0.1', port: 0, metricsPort: 0, natsServers: [], storeDirectory, logLevel: 'silent' };
  const gate = await Gate.open({ ...config, security: { tokensPath, ...security } }, pino({ level: 'silent' }));
  onTestFinished(() => gate.close());
  return {
    gate,
    tokens: Object.fromEntries(drawn.map(({ role, text }) => [role, text])) as Record<Role, string>,
    codeOf: (token, from = '192.0.2.1:4000') =>
      gate.identify({ authorization: `Bearer ${token}`, certificate: undefined, from }).then(
        () => null,
        ({ code }: { code: string }) => code,
      ),
  };
}

describe('who is let in', () => {
  it('A22 a flood of wrong tokens is limited by address, and keeps no right token out that comes from there', async () => {
    const { codeOf, tokens } = await open();
    const codes: (string | null)[] = [];
    for (let call = 0; call < MAX_FAILED_TOKENS + 5; call++) codes.push(await codeOf(`wrong-${call}`));
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(MAX_FAILED_TOKENS);
    expect(codes.slice(-5)).toEqual(Array(5).fill('RATE_LIMITED'));
    expect(await codeOf(tokens.worker)).toBeNull();
    expect(await codeOf('wrong', '192.0.2.2:4000')).toBe('UNAUTHENTICATED');
  });

  it('A22 all addresses of one IPv6 network count together', async () => {
    const { codeOf } = await open();
    for (let call = 0; call < MAX_FAILED_TOKENS; call++) await codeOf('wrong', `2001:db8:0:1::${call}:4000`);
    expect(await codeOf('wrong', '2001:db8:0:1:ffff::1:4000')).toBe('RATE_LIMITED');
    expect(await codeOf('wrong', '2001:db8:0:2::1:4000')).toBe('UNAUTHENTICATED');
  });

  it('A22 tokens that cannot be checked, since their provider is down, do not count as wrong', async () => {
    const jwt = { issuer: 'https://login.example', audience: 'lockstep', jwksUrl: 'http://127.0.0.1:1/keys' };
    const { codeOf } = await open({ jwt });
    const token = ['{"alg":"RS256","kid":"one"}', '{}', 'x'].map((part) => Buffer.from(part).toString('base64url'));
    for (let call = 0; call < MAX_FAILED_TOKENS + 5; call++) {
      expect(await codeOf(token.join('.'))).toBe('IDENTITY_UNAVAILABLE');
    }
    expect(await codeOf('wrong')).toBe('UNAUTHENTICATED');
  });
});
