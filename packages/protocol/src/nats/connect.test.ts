import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, startNatsServer } from '../../../../test/support/nats-server.js';
import { connectNats, isOlder } from './connect.js';
import { parameterSubject } from './subjects.js';

describe('connecting to NATS', () => {
  it('connects to a server that is new enough', async () => {
    const server = await startNatsServer();
    const connection = await connectNats({ servers: [server.address], name: 'test' });
    onTestFinished(() => connection.close());
    expect(connection.info?.max_payload).toBe(1024 * 1024);
  });

  it('uses user and password', async () => {
    const server = await startNatsServer({ args: ['--user', 'u', '--pass', 'p'] });
    const connection = await connectNats({ servers: [server.address], user: 'u', password: 'p', name: 'test' });
    await connection.close();
    await expect(
      connectNats({ servers: [server.address], user: 'u', password: 'wrong', name: 'test' }),
    ).rejects.toMatchObject({ code: 'NATS_REFUSED', message: expect.stringContaining('uthorization') });
  });

  it('says which address it cannot reach', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await expect(connectNats({ servers: [address], name: 'test' })).rejects.toMatchObject({
      code: 'NATS_UNREACHABLE',
      value: address,
    });
  });

  it('refuses a server that takes too small messages, with the number found and needed', async () => {
    const config = join(mkdtempSync(join(tmpdir(), 'lockstep-nats-')), 'nats.conf');
    onTestFinished(() => rmSync(dirname(config), { recursive: true }));
    writeFileSync(config, 'max_payload: 4095\n');
    const { address } = await startNatsServer({ args: ['--config', config] });
    await expect(connectNats({ servers: [address], name: 'test' })).rejects.toMatchObject({
      ...{ code: 'NATS_PAYLOAD_TOO_SMALL', field: 'max_payload', value: '4095' },
      message: expect.stringMatching(/max_payload 4095; at least 4096 is needed/),
    });
  });

  it('compares versions by number', () => {
    expect(isOlder('2.12.6', '2.12.7')).toBe(true);
    expect(isOlder('2.9.10', '2.12.7')).toBe(true);
    expect(isOlder('2.12.7', '2.12.7')).toBe(false);
    expect(isOlder('2.100.0-beta.1', '2.12.7')).toBe(false);
  });

  it('refuses job ids that mean something in a subject', () => {
    expect(parameterSubject('job-1_a')).toBe('lockstep.job-1_a.params');
    for (const id of ['', 'a.b', 'a*', '>', 'a b']) expect(() => parameterSubject(id)).toThrow();
  });
});
