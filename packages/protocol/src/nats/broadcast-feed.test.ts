import { type AddressInfo, createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connect as connectByLibrary, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startNatsServer } from '../../../../test/support/nats-server.js';
import { openTcpLink } from '../../../../test/support/tcp-link.js';
import { type BroadcastFeed, openBroadcastFeed } from './broadcast-feed.js';
import { connectNats } from './connect.js';
import { keepCredentials } from './credentials.js';

const SUBJECT = 'lockstep.job-1.params';

function listen(connection: NatsConnection): { feed: BroadcastFeed; heard: string[] } {
  const heard: string[] = [];
  const feed = openBroadcastFeed(connection, SUBJECT, (_, payload) => void heard.push(Buffer.from(payload).toString()));
  onTestFinished(() => feed.close());
  return { feed, heard };
}

function isCollected(object: WeakRef<object>): boolean {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return object.deref() === undefined;
}

function kept(connection: NatsConnection): NatsConnection {
  onTestFinished(() => connection.close());
  return connection;
}

describe('a feed of a subject', () => {
  it('logs in as its connection does', async () => {
    const { address } = await startNatsServer({ args: ['--user', 'ann', '--pass', 'long secret'] });
    const connection = kept(
      await connectNats({ servers: [address], name: 'test', user: 'ann', password: 'long secret' }),
    );
    const { feed, heard } = listen(connection);
    await feed.opened;
    expect(feed.isUp).toBe(true);
    connection.publish(SUBJECT, 'a');
    await expect.poll(() => heard).toEqual(['a']);
  });

  it('goes through the library where nobody said how to log in', async () => {
    const { address } = await startNatsServer();
    const connection = kept(await connectByLibrary({ servers: [address] }));
    const { feed, heard } = listen(connection);
    await feed.opened;
    connection.publish(SUBJECT, 'a');
    await expect.poll(() => heard).toEqual(['a']);
  });

  it('ends with its connection', async () => {
    const { address } = await startNatsServer();
    const link = await openTcpLink(address);
    const sender = kept(await connectNats({ servers: [address], name: 'sender' }));
    const connection = await connectNats({ servers: [link.address], name: 'test' });
    const { feed, heard } = listen(connection);
    await feed.opened;
    await connection.close();
    sender.publish(SUBJECT, 'a');
    await sender.flush();
    // What the link had to bring would be here with the answer to this.
    const other = listen(kept(await connectNats({ servers: [link.address], name: 'other' })));
    await other.feed.opened;
    sender.publish(SUBJECT, 'b');
    await expect.poll(() => other.heard).toEqual(['b']);
    expect(heard).toEqual([]);
  });

  it('is not held by its connection once it is closed, nor is what it told', async () => {
    const { address } = await startNatsServer();
    const connection = kept(await connectNats({ servers: [address], name: 'test' }));
    const opened = async (): Promise<WeakRef<object>> => {
      const version = { vectors: new Float32Array(1024) };
      const feed = openBroadcastFeed(connection, SUBJECT, () => void version.vectors.fill(0));
      await feed.opened;
      feed.close();
      return new WeakRef(version);
    };
    const version = await opened();
    await expect.poll(() => isCollected(version)).toBe(true);
  });

  it('tells no password to a server that has come to want encryption', async () => {
    const { address } = await startNatsServer();
    const connection = kept(await connectNats({ servers: [address], name: 'test', user: 'ann', password: 'secret' }));
    const said: string[] = [];
    const strict = createServer((socket) => {
      socket.on('error', () => {}).on('data', (data) => said.push(data.toString()));
      socket.write('INFO {"tls_required":true}\r\n');
      socket.once('close', () => said.push('closed'));
    });
    onTestFinished(() => void strict.close());
    await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve));
    const elsewhere = new Proxy(connection, {
      get: (target, name) => {
        if (name === 'getServer') return () => `127.0.0.1:${(strict.address() as AddressInfo).port}`;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    keepCredentials(elsewhere, { user: 'ann', password: 'secret', name: 'test' });
    const { feed } = listen(elsewhere);
    await feed.opened;
    await expect.poll(() => said).toContain('closed');
    expect([feed.isUp, said.join('')]).toEqual([false, expect.not.stringContaining('secret')]);
  });

  it('tells of a loss, and is up again when the server is', async () => {
    const { address } = await startNatsServer();
    const link = await openTcpLink(address);
    const { feed } = listen(kept(await connectNats({ servers: [link.address], name: 'test' })));
    await feed.opened;
    const lost = new Promise<void>((resolve) => feed.onLoss(resolve));
    link.cut();
    await lost;
    expect(feed.isUp).toBe(false);
    await expect.poll(() => feed.isUp, { timeout: 10_000 }).toBe(true);
  });
});
