/** A TCP link between a client and a server that a test can stall or cut. */
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
  /** Lets everything pass again. */
  resume(): void;
  /** Closes every connection; new ones are taken. */
  cut(): void;
}

/** Opens a link that ends with the running test. */
export async function openTcpLink(serverPort: number): Promise<TcpLink> {
  const open = new Set<Socket>();
  let isStalled = false;
  let connections = 0;
  const server = createServer((client) => {
    connections++;
    const upstream = connect(serverPort, '127.0.0.1');
    const end = (): void => {
      for (const socket of [client, upstream]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => client.write(bytes));
    if (isStalled) upstream.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  onTestFinished(() => {
    server.close();
    cut();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const setStalled = (stalled: boolean): void => {
    isStalled = stalled;
    for (const socket of open) {
      if (socket.remotePort !== serverPort) continue;
      if (stalled) socket.pause();
      else socket.resume();
    }
  };
  return {
    address: `127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    stall: () => setStalled(true),
    resume: () => setStalled(false),
    cut,
  };
}
