/** What this machine can do at best: the parts that a step is made of, each alone. Bytes a second. */

import { createConnection } from 'node:net';
import type * as grpc from '@grpc/grpc-js';
import { connectNats, createGrpcServer, readNatsAccess } from '@lockstep/protocol';
import { Child } from './child.ts';
import type { LimitsReport, LimitsTask } from './limits-process.ts';
import { GRPC_MESSAGE_BYTES, rawService } from './raw-service.ts';
import type { NatsPlace } from './step-loop.ts';
import { WORKERS } from './workloads.ts';

/** Rates in bytes a second. */
export interface Limits {
  /** A buffer copied into another by one thread. */
  readonly memoryCopy: number;
  /** One TCP connection over loopback. */
  readonly tcp: number;
  /** Two clients stream to one server at once, both together. */
  readonly grpcToServer: number;
  /** One server streams to two clients at once, both together. */
  readonly grpcToClients: number;
  /** One publisher to two subscribers, counted once. */
  readonly natsFanOut: number;
}

/** Bytes of one measurement, to each end. */
const BYTES = 64 * 1024 * 1024;
/** Copies of a buffer of that size; the first touches its memory. */
const COPIES = 6;
/** Payload of a NATS message, as parameters are cut. */
const NATS_MESSAGE_BYTES = 256 * 1024 - 1024;
/** Messages between two waits for the server, far below what it buffers for a slow reader. */
const NATS_CREDIT = 16;

/** Tries of each transport, of which the best counts: what else runs only ever slows one down. */
const TRIES = 3;

/** Measures all of them one after another. */
export async function measureLimits(nats: NatsPlace): Promise<Limits> {
  return {
    memoryCopy: memoryCopy(),
    tcp: await tcp(),
    ...(await grpcStreams()),
    natsFanOut: await natsFanOut(nats),
  };
}

function memoryCopy(): number {
  const from = Buffer.alloc(BYTES, 1);
  const to = Buffer.alloc(BYTES, 2);
  const seconds = Array.from({ length: COPIES }, () => {
    const before = performance.now();
    from.copy(to);
    return (performance.now() - before) / 1000;
  });
  return BYTES / Math.min(...seconds);
}

async function tcp(): Promise<number> {
  return withEnds([{ role: 'tcp', address: '', bytes: BYTES }], async ([end], [port = 0]) => {
    const socket = createConnection(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const chunk = Buffer.alloc(GRPC_MESSAGE_BYTES);
    const seconds = await timed(async () => {
      const done = end?.next('isDone');
      for (let sent = 0; sent < BYTES; sent += chunk.length) {
        if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
      }
      await done;
    });
    socket.destroy();
    return BYTES / seconds;
  });
}

async function grpcStreams(): Promise<Pick<Limits, 'grpcToServer' | 'grpcToClients'>> {
  const { server, listen, close } = createGrpcServer();
  server.addService(rawService, { upload, download } as unknown as grpc.UntypedServiceImplementation);
  const address = `127.0.0.1:${await listen('127.0.0.1', 0)}`;
  try {
    return { grpcToServer: await both('upload', address), grpcToClients: await both('download', address) };
  } finally {
    await close(0);
  }
}

function both(role: 'upload' | 'download', address: string): Promise<number> {
  const tasks = Array.from({ length: WORKERS }, () => ({ role, address, bytes: BYTES }));
  return withEnds(tasks, async (ends) => {
    const seconds = await timed(async () => {
      const done = ends.map((end) => end.next('isDone'));
      for (const end of ends) end.tell({});
      await Promise.all(done);
    });
    return (WORKERS * BYTES) / seconds;
  });
}

function upload(call: grpc.ServerReadableStream<Buffer, Buffer>, answer: grpc.sendUnaryData<Buffer>): void {
  call.on('data', () => {});
  call.on('end', () => answer(null, Buffer.alloc(0)));
}

async function download(call: grpc.ServerWritableStream<Buffer, Buffer>): Promise<void> {
  const message = Buffer.alloc(GRPC_MESSAGE_BYTES);
  for (let left = Number(call.request.toString()); left > 0; left -= message.length) {
    if (!call.write(message)) await new Promise((resolve) => call.once('drain', resolve));
  }
  call.end();
}

async function natsFanOut({ url, accountKey }: NatsPlace): Promise<number> {
  const count = Math.ceil(BYTES / NATS_MESSAGE_BYTES);
  const bytes = count * NATS_MESSAGE_BYTES;
  const tasks = Array.from({ length: WORKERS }, () => ({ role: 'nats' as const, address: url, accountKey, bytes }));
  const { credentials } = await readNatsAccess({ accountKey });
  const connection = await connectNats({ servers: [url], ...credentials, name: 'bench' });
  try {
    return await withEnds(tasks, async (ends) => {
      const payload = new Uint8Array(NATS_MESSAGE_BYTES);
      const seconds = await timed(async () => {
        const done = ends.map((end) => end.next('isDone'));
        for (let sent = 1; sent <= count; sent++) {
          connection.publish('raw', payload);
          if (sent % NATS_CREDIT === 0) await connection.flush();
        }
        await Promise.all(done);
      });
      return bytes / seconds;
    });
  } finally {
    await connection.close();
  }
}

async function withEnds<Result>(
  tasks: readonly LimitsTask[],
  measure: (ends: readonly Child<LimitsReport>[], ports: readonly number[]) => Promise<Result>,
): Promise<Result> {
  const ends = tasks.map((task) => Child.fork<LimitsReport>('./limits-process.js', JSON.stringify(task)));
  try {
    const ready = await Promise.all(ends.map((end) => end.next('isReady')));
    const ports = ready.map(({ port }) => port);
    return await measure(ends, ports);
  } finally {
    await Promise.all(ends.map((end) => end.stop()));
  }
}

/** Seconds of the fastest try. */
async function timed(work: () => Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const before = performance.now();
    await work();
    best = Math.min(best, (performance.now() - before) / 1000);
  }
  return best;
}
