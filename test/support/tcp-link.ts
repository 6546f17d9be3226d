/** A TCP link between a client and a server that a test can hold up: nothing passes, and both sides stay open. */
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A link. */
export interface TcpLink {
  /** "127.0.0.1:port" of the client's end. */
  readonly address: string;
  /** Connections that clients have made so far. */
  readonly connections: number;
  /** Lets nothing pass any more on the connections there are; new ones are as good as ever. */
  cut(): void;
  /** Connects those that wait, on a link that began closed, and all later ones. */
  open(): void;
}

/** Opens a link to a server until the test ends. */
export async function openLink(server: string, { isClosed = false } = {}): Promise<TcpLink> {
  const [host, port] = server.split(':') as [string, string];
  const sockets: Socket[] = [];
  let passing: [Socket, Socket][] = [];
  let waiting: Socket[] = [];
  let connections = 0;
  let isOpen = !isClosed;
  const forward = (near: Socket): void => {
    const far = connect(Number(port), host);
    far.on('error', () => near.destroy());
    near.on('error', () => far.destroy());
    near.pipe(far).pipe(near);
    sockets.push(far);
    passing.push([near, far]);
  };
  const listener = createServer((near) => {
    connections++;
    sockets.push(near.on('error', () => near.destroy()));
    if (isOpen) forward(near);
    else waiting.push(near);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return {
    address: `127.0.0.1:${(listener.address() as { port: number }).port}`,
    get connections() {
      return connections;
    },
    cut() {
      for (const [near, far] of passing) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
      passing = [];
    },
    open() {
      isOpen = true;
      for (const near of waiting) if (!near.destroyed) forward(near);
      waiting = [];
    },
  };
}
