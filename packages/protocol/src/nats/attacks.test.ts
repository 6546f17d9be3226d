import { connect as connectSocket } from 'node:net';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AccountServer, startAccountServer } from '../../../../test/support/nats-server.js';
import { accountConfig, NatsAccount, type NatsUser } from './account.js';
import { openBroadcastFeed } from './broadcast-feed.js';
import { connectNats } from './connect.js';
import { loginOf } from './credentials.js';
import { Nkey } from './nkey.js';
import { parameterSubject } from './subjects.js';

const OWN = parameterSubject('job-1');

/** By the library alone, as an attacker would who has a worker's login. */
async function as(server: AccountServer, account: NatsUser): Promise<NatsConnection> {
  const authenticator = (nonce?: string) => loginOf({ name: '', account }, nonce ?? '');
  const connection = await connect({ servers: server.address, authenticator, reconnect: false });
  onTestFinished(() => connection.close());
  return connection;
}

function workerOf(server: AccountServer): Promise<NatsConnection> {
  return as(server, server.account.user('job-1', { subscribe: [OWN], publish: [] }));
}

/** What a connection is refused, and what it hears. */
function listen(connection: NatsConnection, subject: string, queue?: string): { heard: string[]; refused: string[] } {
  const told = { heard: [] as string[], refused: [] as string[] };
  connection.subscribe(subject, {
    ...(queue ? { queue } : {}),
    callback: (error, message) => {
      if (error) told.refused.push(error.message);
      else told.heard.push(message.subject);
    },
  });
  return told;
}

describe('a worker at NATS', () => {
  it.each([undefined, 'own'])('A24 hears the subject of its job and no other, with the queue %s', async (queue) => {
    const server = await startAccountServer();
    const [coordinator, worker] = [await as(server, server.account.user('c', null)), await workerOf(server)];
    const subjects = [
      ...['>', '*.*.*', 'lockstep.>', 'lockstep.*.params', parameterSubject('job-2'), 'lockstep.job-1.>'],
      ...['$JS.>', '$JS.API.>', '$KV.>', '_INBOX.>', '$SYS.>'],
    ];
    const others = subjects.map((subject) => listen(worker, subject, queue));
    const own = listen(worker, OWN, queue);
    await worker.flush();
    const said = [OWN, parameterSubject('job-2'), '$KV.b.k', '_INBOX.a.b', 'lockstep.job-1.secret'];
    for (const subject of said) coordinator.publish(subject, 'x');
    await coordinator.flush();
    await worker.flush();
    expect(own).toEqual({ heard: [OWN], refused: [] });
    for (const [index, other] of others.entries()) {
      expect(other, subjects[index]).toEqual({ heard: [], refused: [expect.stringMatching(/Permissions Violation/)] });
    }
  });

  it('A24 that has no job hears nothing', async () => {
    const server = await startAccountServer();
    const idle = await as(server, server.account.user('idle', { subscribe: [], publish: [] }));
    const told = [OWN, '>', '_INBOX.x'].map((subject) => listen(idle, subject));
    await idle.flush();
    expect(told.map(({ refused }) => refused.length)).toEqual([1, 1, 1]);
  });

  it('A25 says nothing: no parameters, no records, no streams', async () => {
    const server = await startAccountServer();
    const [coordinator, worker] = [await as(server, server.account.user('c', null)), await workerOf(server)];
    const made = await coordinator.request('$JS.API.STREAM.CREATE.KV_b', '{"name":"KV_b","subjects":["$KV.b.>"]}');
    expect(made.json()).not.toHaveProperty('error');
    const { heard } = listen(coordinator, '>');
    await coordinator.flush();
    const spoof = headers();
    spoof.set('Nats-Request-Info', '{"acc":"$SYS"}');
    const subjects = [
      ...[OWN, parameterSubject('job-2'), '$KV.b.leader', '_INBOX.a.b', '$SYS.REQ.SERVER.PING'],
      ...['DELETE', 'PURGE', 'RESTORE', 'SNAPSHOT', 'UPDATE', 'INFO'].map((verb) => `$JS.API.STREAM.${verb}.KV_b`),
    ];
    const errors: string[] = [];
    void (async () => {
      for await (const status of worker.status()) if (status.type === 'error') errors.push(status.error.message);
    })();
    for (const subject of subjects) {
      worker.publish(subject, '{}');
      worker.publish(subject, '{}', { headers: spoof, reply: OWN });
    }
    await worker.flush();
    await coordinator.flush();
    // The server itself tells of the stream that was made.
    expect(heard.filter((subject) => !subject.startsWith('$JS.EVENT.'))).toEqual([]);
    await expect.poll(() => errors.length).toBe(2 * subjects.length);
    expect(errors.filter((error) => !error.startsWith('Permissions Violation for Publish'))).toEqual([]);
    const info = await coordinator.request('$JS.API.STREAM.INFO.KV_b');
    expect(info.json()).toMatchObject({ config: { name: 'KV_b' }, state: { messages: 0 } });
  });
});

describe('nobody in particular at NATS', () => {
  it('A26 is not let in: without a login, with a password, with a token of another account or for another key', async () => {
    const server = await startAccountServer();
    const stranger = new NatsAccount(Nkey.draw('account')).user('c', null);
    const forged = new NatsAccount(Nkey.draw('account'), Nkey.draw('account').id).user('c', null);
    const stolen = { ...server.account.user('c', null), seed: Nkey.draw('user').seed };
    const tries = [
      {},
      { user: 'coordinator', password: '' },
      ...[stranger, forged, stolen].map((account) => ({ account })),
    ];
    for (const login of tries) {
      await expect(connectNats({ servers: [server.address], name: 'x', ...login })).rejects.toMatchObject({
        code: 'NATS_REFUSED',
        message: expect.stringMatching(/Authorization Violation/i),
      });
    }
  });

  it('A26 may not say a word before it has logged in, nor come as a server', async () => {
    const server = await startAccountServer();
    const ends = [
      'SUB > 1\r\nPUB a 1\r\nx\r\nPING\r\n',
      'RS+ $G > 1\r\nPING\r\n',
      'CONNECT {"server_id":"N"}\r\nPING\r\n',
    ];
    for (const words of ends) {
      const said = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connectSocket(server.port, '127.0.0.1', () => socket.write(words));
        socket.on('data', (data) => {
          text += data.toString();
        });
        socket.on('error', () => {}).on('close', () => resolve(text));
      });
      expect(said.replace(/^INFO.*\r\n/, ''), words).toMatch(/^-ERR '[^']+'\r\n$/);
    }
  });

  it('A26 has no user without a login that it could come as', () => {
    const config = accountConfig(Nkey.draw('account'));
    expect(config).not.toMatch(/no_auth_user|authorization|cluster|leafnodes|websocket|mqtt|http|gateway/);
    expect(config.match(/"?leaf/g)).toBeNull();
  });
});

describe('a feed of an account', () => {
  it('is heard as another user than its connection', async () => {
    const server = await startAccountServer();
    const coordinator = await as(server, server.account.user('c', null));
    const login = (name: string, subscribe: string[]) => server.account.user(name, { subscribe, publish: [] });
    const connection = await connectNats({ servers: [server.address], account: login('idle', []), name: 'idle' });
    onTestFinished(() => connection.close());
    const heard: string[] = [];
    const take = (_: unknown, payload: Uint8Array): void => void heard.push(Buffer.from(payload).toString());
    const feed = openBroadcastFeed(connection, OWN, take, { user: login('job-1', [OWN]) });
    onTestFinished(() => feed.close());
    await feed.opened;
    expect(feed.isUp).toBe(true);
    coordinator.publish(OWN, 'a');
    await expect.poll(() => heard).toEqual(['a']);
  });

  it('says once why it hears nothing', async () => {
    const server = await startAccountServer();
    const account = server.account.user('idle', { subscribe: [], publish: [] });
    const connection = await connectNats({ servers: [server.address], account, name: 'idle' });
    onTestFinished(() => connection.close());
    const refusals: string[] = [];
    let losses = 0;
    const feed = openBroadcastFeed(connection, OWN, () => {}, { onRefusal: (why) => void refusals.push(why) });
    feed.onLoss(() => void losses++);
    onTestFinished(() => feed.close());
    await expect.poll(() => losses, { timeout: 10_000 }).toBeGreaterThan(1);
    expect(refusals).toEqual([expect.stringContaining('Permissions Violation for Subscription')]);
    expect(feed.isUp).toBe(false);
  });
});
