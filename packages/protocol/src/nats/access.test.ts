import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAccountServer } from '../../../../test/support/nats-server.js';
import { readNatsAccess } from './access.js';
import { accountOf, NatsAccount } from './account.js';
import { connectNats } from './connect.js';
import { Nkey } from './nkey.js';

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-access-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'secret'), text);
  return join(folder, 'secret');
}

/** As `nsc generate creds` writes it. */
function creds({ jwt, seed }: { jwt: string; seed: string }): string {
  return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;
}

describe('how a process logs in to NATS', () => {
  it('is a file of credentials, which a server takes', async () => {
    const server = await startAccountServer();
    const path = file(creds(server.account.user('c', null)));
    const { credentials, account } = await readNatsAccess({ creds: path });
    expect(account).toBeNull();
    await (await connectNats({ servers: [server.address], ...credentials, name: 'x' })).close();
  });

  it('is a password without the end of its line', async () => {
    const { credentials } = await readNatsAccess({ user: 'ann', password: file('long secret\n') });
    expect(credentials).toEqual({ user: 'ann', password: 'long secret' });
  });

  it('makes users with a signing key in the name of the account that its own user is of', async () => {
    const key = Nkey.draw('account');
    const signing = Nkey.draw('account');
    const own = new NatsAccount(key).user('c', null);
    const { account, credentials } = await readNatsAccess({ creds: file(creds(own)), accountKey: file(signing.seed) });
    expect(credentials.account).toEqual(own);
    expect(accountOf(account?.user('job', null).jwt ?? '')).toBe(key.id);
  });

  it.each([
    ['--nats-creds', 'ENOENT', () => ({ creds: '/not/there' })],
    ['--nats-creds', 'a token and a seed', () => ({ creds: file('nothing') })],
    ['--nats-account-key', 'checksum', () => ({ accountKey: file('SAQUITESECRET') })],
    ['--nats-password-file', '--nats-user is given without', () => ({ user: 'ann' })],
    ['--nats-user', '--nats-password-file is given without', () => ({ password: file('x') })],
    ['--nats-password-file', 'one line', () => ({ user: 'ann', password: file('\n') })],
  ])('is refused by %s: %s', async (field, words, paths) => {
    const error = await readNatsAccess(paths()).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'NATS_LOGIN_INVALID', field, message: expect.stringContaining(words) });
    expect((error as Error).message).not.toContain('SECRET');
  });
});
