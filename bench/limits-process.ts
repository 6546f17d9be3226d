/** The far end of the raw measurements of a machine's transports, in a process of its own. */
import { createServer } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { channelOptions, clientCredentials, connectNats, readNatsAccess, waitForReady } from '@lockstep/protocol';
import { GRPC_MESSAGE_BYTES, RAW, same } from './raw-service.ts';

/** What it is told in its first argument, as JSON. */
export interface LimitsTask {
  readonly role: 'tcp' | 'upload' | 'download' | 'nats';
  /** Where it connects to. */
  readonly address: string;
  readonly bytes: number;
  /** File of the key of the users of NATS. */
  readonly accountKey?: string;
}

/** What it reports. */
export type LimitsReport = { readonly isReady: true; readonly port: number } | { readonly isDone: true };

const report = (message: LimitsReport): void => void process.send?.(message);
const { role, address, bytes, accountKey } = JSON.parse(process.argv[2] ?? '') as LimitsTask;
let received = 0;
const take = (data: Uint8Array): void => {
  received += data.length;
  if (received < bytes) return;
  received = 0;
  report({ isDone: true });
};

process.on('disconnect', () => process.exit(0));
if (role === 'tcp') {
  const server = createServer((socket) => socket.on('data', take));
  server.listen(0, '127.0.0.1', () => {
    const bound = server.address();
    report({ isReady: true, port: typeof bound === 'object' && bound ? bound.port : 0 });
  });
} else if (role === 'nats') {
  const { credentials } = await readNatsAccess(accountKey ? { accountKey } : {});
  const connection = await connectNats({ servers: [address], ...credentials, name: 'bench' });
  connection.subscribe('raw', { callback: (_error, message) => take(message.data) });
  await connection.flush();
  report({ isReady: true, port: 0 });
} else {
  const client = new grpc.Client(address, clientCredentials(), channelOptions());
  await waitForReady(client, { timeoutMs: 5000 });
  report({ isReady: true, port: 0 });
  process.on('message', () => {
    if (role === 'download') {
      client.makeServerStreamRequest(RAW.download, same, same, Buffer.from(String(bytes))).on('data', take);
    } else {
      void upload(client.makeClientStreamRequest(RAW.upload, same, same, () => report({ isDone: true })));
    }
  });
}

async function upload(stream: grpc.ClientWritableStream<Buffer>): Promise<void> {
  const message = Buffer.alloc(GRPC_MESSAGE_BYTES);
  for (let sent = 0; sent < bytes; sent += message.length) {
    if (!stream.write(message)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
}
