import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectNats, readNatsAccess } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { startNatsServer } from '../../../../test/support/nats-server.js';
import { scratch } from '../local/testing/release-site.js';
import { natsConfig } from './nats-config.js';

describe('lockstep nats-config', () => {
  it('lets in who has the key, and tells no secret', async () => {
    const folder = scratch();
    const [accountKey, out] = [join(folder, 'account.pem'), join(folder, 'account.conf')];
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    writeFileSync(accountKey, pem);
    await natsConfig({ accountKey, out });
    expect(readFileSync(out, 'utf8')).not.toContain(pem.split('\n')[1]);
    writeFileSync(join(folder, 'nats.conf'), 'include account.conf\n');
    const { address } = await startNatsServer({ args: ['--config', join(folder, 'nats.conf')] });
    const { credentials } = await readNatsAccess({ accountKey });
    await (await connectNats({ servers: [address], ...credentials, name: 'x' })).close();
    await expect(connectNats({ servers: [address], name: 'x' })).rejects.toMatchObject({ code: 'NATS_REFUSED' });
  });

  it('says what is wrong with a key', async () => {
    const accountKey = join(scratch(), 'account.pem');
    writeFileSync(accountKey, 'SECRET');
    const error = await natsConfig({ accountKey }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'NATS_LOGIN_INVALID', field: '--account-key', value: accountKey });
    expect((error as Error).message).not.toContain('SECRET');
  });
});
