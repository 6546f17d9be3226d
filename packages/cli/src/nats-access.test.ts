import { afterEach, describe, expect, it, vi } from 'vitest';
import { natsAccessArgs, natsAccessOf, workerAccessOf, workersAccess } from './nats-access.js';

afterEach(() => void vi.unstubAllEnvs());

describe('how a command logs in to NATS', () => {
  it('is what options say, else the environment', () => {
    expect(natsAccessOf({})).toEqual({});
    vi.stubEnv('LOCKSTEP_NATS_CREDS', 'env.creds');
    vi.stubEnv('LOCKSTEP_NATS_USER', 'ann');
    vi.stubEnv('LOCKSTEP_NATS_PASSWORD_FILE', 'password');
    vi.stubEnv('LOCKSTEP_NATS_ACCOUNT_KEY', 'account.key');
    vi.stubEnv('LOCKSTEP_NATS_TLS_CA', 'ca.pem');
    expect(natsAccessOf({ natsCreds: 'own.creds', natsTlsCert: 'c.pem', natsTlsKey: 'k.pem' })).toEqual({
      ...{ creds: 'own.creds', user: 'ann', password: 'password', accountKey: 'account.key' },
      tls: { ca: 'ca.pem', cert: 'c.pem', key: 'k.pem' },
    });
  });

  it('is told to the processes of the command as options, files in place of secrets', () => {
    const access = { creds: 'c', user: 'u', password: 'p', accountKey: 'a', tls: { ca: 'x', cert: 'y', key: 'z' } };
    expect(natsAccessArgs(access)).toEqual([
      ...['--nats-creds', 'c', '--nats-user', 'u', '--nats-password-file', 'p', '--nats-account-key', 'a'],
      ...['--nats-tls-ca', 'x', '--nats-tls-cert', 'y', '--nats-tls-key', 'z'],
    ]);
    expect(natsAccessArgs({})).toEqual([]);
  });

  it('is the same for its workers, unless the coordinator makes users for them', () => {
    expect(workersAccess({ creds: 'c' })).toEqual({ creds: 'c' });
    expect(workersAccess({ creds: 'c', accountKey: 'a' })).toBeUndefined();
  });
});

const tls = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' };

it('gives workers of the same machine TLS and no login where the coordinator makes users', () => {
  expect(workersAccess({ accountKey: 'a.nk', creds: 'a.creds', user: 'u', password: 'p', tls })).toEqual({ tls });
  expect(workersAccess({ accountKey: 'a.nk' })).toBeUndefined();
  expect(workersAccess({ user: 'u', password: 'p', tls })).toEqual({ user: 'u', password: 'p', tls });
});

it('never lets a worker log in with the key of an account', () => {
  vi.stubEnv('LOCKSTEP_NATS_ACCOUNT_KEY', 'a.nk');
  vi.stubEnv('LOCKSTEP_NATS_USER', 'u');
  expect(workerAccessOf({ natsTlsCa: 'ca.pem' })).toEqual({ user: 'u', tls: { ca: 'ca.pem' } });
});
