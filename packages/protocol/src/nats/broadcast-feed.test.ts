import { connect as connectByLibrary, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startNatsServer } from '../../../../test/support/nats-server.js';
import { openTcpLink } from '../../../../test/support/tcp-link.js';
import { type BroadcastFeed, openBroadcastFeed } from './broadcast-feed.js';
import { connectNats } from './connect.js';

const SUBJECT = 'lockstep.job-1.params';

function listen(connection: NatsConnection): { feed: BroadcastFeed; heard: string[] } {
  const heard: string[] = [];
  const feed = openBroadcastFeed(connection, SUBJECT, (_, payload) => void heard.push(Buffer.from(payload).toString()));
  onTestFinished(() => feed.close());
  return { feed, heard };
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
