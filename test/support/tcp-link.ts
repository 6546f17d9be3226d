/** A TCP link between a client and a server that a test can stall, silence or cut. */
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A link to one server. */
export interface TcpLink {
  /** "127.0.0.1:port" for the client. */
  readonly address: string;
  /** Connections that clients have made so far. */
  readonly connections: number;
  /** Lets nothing pass from the server to the client; no side is told. */
  stall(): void;
  /** Ends a stall. */
  resume(): void;
  /** Lets nothing pass any more on the connections there are, and tells no side; new ones are as good as ever. */
  silence(): void;
  /** Closes every connection; new ones are taken. */
  cut(): void;
  /** Connects those that wait, on a link that began closed, and all later ones. */
  open(): void;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** Opens a link to a server ("127.0.0.1:port") until the test ends. With `isClosed`, clients wait for {@link TcpLink.open}. */
export async function openTcpLink(server: string, { isClosed = false } = {}): Promise<TcpLink> {
  const [host, port] = server.split(':') as [string, string];
  const sockets = new Set<Socket>();
  let pairs: Pair[] = [];
  let waiting: Socket[] = [];
  let connections = 0;
  let isOpen = !isClosed;
  let isStalled = false;
  const own = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const forward = (client: Socket): void => {
    const upstream = own(connect(Number(port), host));
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    const pair = { client, upstream };
    pairs.push(pair);
    if (isStalled) stall(pair);
  };
  const stall = ({ client, upstream }: Pair): void => void upstream.unpipe(client).pause();
  const listener = createServer((client) => {
    connections++;
    own(client);
    if (isOpen) forward(client);
    else waiting.push(client);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    pairs = [];
  };
  onTestFinished(() => {
    listener.close();
    cut();
  });
  return {
    address: `127.0.0.1:${(listener.address() as { port: number }).port}`,
    get connections() {
      return connections;
    },
    stall() {
      isStalled = true;
      for (const pair of pairs) stall(pair);
    },
    resume() {
      isStalled = false;
      for (const { client, upstream } of pairs) upstream.pipe(client);
    },
    silence() {
      for (const pair of pairs) {
        stall(pair);
        pair.client.unpipe(pair.upstream).pause();
      }
      pairs = [];
    },
    cut,
    open() {
      isOpen = true;
      for (const client of waiting) if (!client.destroyed) forward(client);
      waiting = [];
    },
  };
}
