import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TestAuthority } from '../../../../test/support/certificates.js';
import { type AccountServer, startAccountServer, startNatsServer } from '../../../../test/support/nats-server.js';
import { openTcpLink } from '../../../../test/support/tcp-link.js';
import { readNatsAccess } from './access.js';
import { openBroadcastFeed } from './broadcast-feed.js';
import { connectNats } from './connect.js';
import { type Credentials, keepCredentials } from './credentials.js';

const SUBJECT = 'lockstep.job-1.params';
/** What a reader takes at once before a message is under way. */
const FIRST_BLOCK_BYTES = 1024;

async function tlsServer(authority: TestAuthority, verify = false, hosts?: string[]): Promise<AccountServer> {
  const { cert, key } = await authority.server(hosts);
  return startAccountServer(
    `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${authority.ca}", verify: ${verify} }`,
  );
}

function kept(connection: NatsConnection): NatsConnection {
  onTestFinished(() => connection.close());
  return connection;
}

async function caOf({ ca }: TestAuthority): Promise<Pick<Credentials, 'tls'>> {
  return { tls: { ca: await readFile(ca) } };
}

function listen(connection: NatsConnection, login?: ReturnType<AccountServer['account']['user']>) {
  const heard: string[] = [];
  const take = (_: unknown, payload: Uint8Array): void => void heard.push(Buffer.from(payload).toString());
  const feed = openBroadcastFeed(connection, SUBJECT, take, { user: login });
  onTestFinished(() => feed.close());
  return { feed, heard };
}

/** A connection whose server seems to be at another port of this machine. */
function at(connection: NatsConnection, port: number): NatsConnection {
  return new Proxy(connection, {
    get: (target, name) => {
      if (name === 'getServer') return () => `127.0.0.1:${port}`;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A feed whose connection is at a server with TLS, while what it dials itself is served by a test. */
async function listenBehind(
  serve: (socket: Socket, server: AccountServer) => void,
): Promise<ReturnType<typeof listen>> {
  const authority = await TestAuthority.make();
  const server = await tlsServer(authority);
  const login = { account: server.account.user('c', null), ...(await caOf(authority)), name: 'c' };
  const connection = kept(await connectNats({ servers: [server.address], ...login }));
  const between = createServer((socket) =>
    serve(
      socket.on('error', () => {}),
      server,
    ),
  );
  onTestFinished(() => void between.close());
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  const elsewhere = at(connection, (between.address() as AddressInfo).port);
  keepCredentials(elsewhere, login);
  return listen(elsewhere);
}

describe('NATS over TLS', () => {
  it('is spoken with the CA that is given, by the connection and the feed beside it', async () => {
    const authority = await TestAuthority.make();
    const server = await tlsServer(authority);
    const link = await openTcpLink(server.address);
    const [full, hearer] = [server.account.user('c', null), { subscribe: [SUBJECT], publish: [] }];
    const tls = await caOf(authority);
    const sender = kept(await connectNats({ servers: [server.address], account: full, ...tls, name: 'c' }));
    const connection = kept(await connectNats({ servers: [link.address], account: full, ...tls, name: 'w' }));
    const { feed, heard } = listen(connection, server.account.user('job-1', hearer));
    await feed.opened;
    expect(feed.isUp).toBe(true);
    // More than a head, a window and a chunk of TLS take at once.
    const large = 'x'.repeat(300_000);
    for (const text of ['a', large, 'b']) sender.publish(SUBJECT, text);
    await expect.poll(() => heard.map(({ length }) => length)).toEqual([1, 300_000, 1]);
    expect(heard).toEqual(['a', large, 'b']);
    const lost = new Promise<void>((resolve) => feed.onLoss(resolve));
    link.cut();
    await lost;
    await expect.poll(() => feed.isUp, { timeout: 10_000 }).toBe(true);
    sender.publish(SUBJECT, 'c');
    await expect.poll(() => heard.at(-1)).toBe('c');
  });

  it('is not spoken with a server of another CA, nor with one that has none', async () => {
    const [authority, other] = [await TestAuthority.make(), await TestAuthority.make()];
    const server = await tlsServer(authority);
    const account = server.account.user('c', null);
    const tries = [{ servers: [server.address], ...(await caOf(other)) }, { servers: [server.address] }];
    for (const options of tries) {
      await expect(connectNats({ ...options, account, name: 'x' })).rejects.toMatchObject({ code: 'NATS_UNREACHABLE' });
    }
    const plain = await startNatsServer();
    await expect(
      connectNats({ servers: [plain.address], ...(await caOf(authority)), name: 'x' }),
    ).rejects.toMatchObject({ code: 'NATS_UNREACHABLE', message: expect.stringContaining('tls') });
    await expect(connectNats({ servers: [`tls://${plain.address}`], name: 'x' })).rejects.toMatchObject({
      code: 'NATS_UNREACHABLE',
    });
  });

  it.each([
    ['127.0.0.1', 'localhost'],
    ['localhost', '127.0.0.1'],
  ])('reaches a server whose certificate is for %s by that and not by %s', async (host, other) => {
    const authority = await TestAuthority.make();
    const server = await tlsServer(authority, false, [host]);
    const port = new URL(`nats://${server.address}`).port;
    const login = { account: server.account.user('c', null), ...(await caOf(authority)), name: 'c' };
    const connection = kept(await connectNats({ servers: [`${host}:${port}`], ...login }));
    const { feed } = listen(connection);
    await feed.opened;
    expect(feed.isUp).toBe(true);
    await expect(connectNats({ servers: [`${other}:${port}`], ...login })).rejects.toMatchObject({
      code: 'NATS_UNREACHABLE',
    });
  });

  it('shows a certificate where the server asks for one', async () => {
    const authority = await TestAuthority.make();
    const server = await tlsServer(authority, true);
    const own = await authority.client('lockstep://worker/gpu-1');
    const paths = { accountKey: server.accountKey, tls: { ca: authority.ca } };
    const login = async (tls: object) =>
      (await readNatsAccess({ ...paths, tls: { ...paths.tls, ...tls } })).credentials;
    await expect(connectNats({ servers: [server.address], ...(await login({})), name: 'x' })).rejects.toMatchObject({
      code: 'NATS_UNREACHABLE',
    });
    const connection = kept(await connectNats({ servers: [server.address], ...(await login(own)), name: 'x' }));
    const { feed, heard } = listen(connection);
    await feed.opened;
    connection.publish(SUBJECT, 'a');
    await expect.poll(() => heard).toEqual(['a']);
  });

  it('takes nothing that stands before the handshake, and tells nobody who it is there', async () => {
    const said: string[] = [];
    const { feed, heard } = await listenBehind((socket) => {
      socket.on('data', (data) => said.push(data.toString('latin1')));
      socket.write(`INFO {"nonce":"n"}\r\nPONG\r\nMSG ${SUBJECT} 1 4\r\nevil\r\nMSG ${SUBJECT} 1 4\r\nev`);
    });
    await expect.poll(() => said.length).toBeGreaterThan(0);
    expect([feed.isUp, heard]).toEqual([false, []]);
    // The first word is the handshake's.
    expect(said.join('').charCodeAt(0)).toBe(22);
    expect(said.join('')).not.toContain('CONNECT');
  });

  it('does not take for encrypted what stands in the clear behind the word that starts a handshake', async () => {
    const { feed, heard } = await listenBehind((socket, server) => {
      const real = connect(server.port, '127.0.0.1').on('error', () => {});
      onTestFinished(() => void real.destroy());
      real.once('data', (info) => {
        // As long as the first block that is read at once, so that what follows is read after the handshake has begun.
        const line = `${info
          .toString()
          .trimEnd()
          .padEnd(FIRST_BLOCK_BYTES - 2)}\r\n`;
        socket.write(`${line}MSG ${SUBJECT} 1 4\r\nev`);
        socket.pipe(real).pipe(socket);
      });
    });
    await feed.opened;
    expect([feed.isUp, heard]).toEqual([true, []]);
  });

  it('is silent until the server has greeted, however long that takes', async () => {
    const said: string[] = [];
    const { feed } = await listenBehind((socket) => {
      socket.on('data', (data) => said.push(data.toString('latin1')));
    });
    // The feed gives up by itself, after as many intervals as there may be pings without an answer.
    await feed.opened;
    expect([feed.isUp, said]).toEqual([false, []]);
  });
});
