import type { NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startNatsServer } from '../../../../test/support/nats-server.js';
import { LockstepError } from '../errors/lockstep-error.js';
import { connectNats } from './connect.js';
import { linkOf } from './link.js';
import { ParameterPublisher } from './parameter-publisher.js';
import { ParameterReceiver, type Refetch, type WantedVersion } from './parameter-receiver.js';
import { parameterSubject } from './subjects.js';

const JOB = 'job-1';
const NO_REFETCH: Refetch = () => Promise.reject(new Error('nothing should be fetched'));

async function connect(address: string): Promise<NatsConnection> {
  const connection = await connectNats({ servers: [address], name: 'test' });
  onTestFinished(() => connection.close());
  return connection;
}

function values(count: number, salt: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.fround(index * 0.5 + salt));
}

function receive(
  connection: NatsConnection,
  elementCount: number,
  refetch: Refetch,
  maxChunkBytes?: number,
): ParameterReceiver {
  const receiver = new ParameterReceiver(connection, {
    job: JOB,
    subject: parameterSubject(JOB),
    elementCount,
    buffers: [new Float32Array(elementCount), new Float32Array(elementCount)],
    refetch,
    ...(maxChunkBytes ? { maxChunkBytes } : {}),
  });
  onTestFinished(() => receiver.close());
  return receiver;
}

/** A coordinator's GetParameters over `held`, in pieces of 1000 elements. */
function serveFrom(held: Float32Array, asked: { start: number; end: number }[]): Refetch {
  return async (_wanted, ranges, fill) => {
    asked.push(...ranges);
    for (const range of ranges) {
      for (let start = range.start; start < range.end; start += 1000) {
        const piece = held.slice(start, Math.min(start + 1000, range.end));
        fill(start, new Uint8Array(piece.buffer));
      }
    }
  };
}

/** From now on no patience ends, however busy the machine is. */
function neverImpatient(): void {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

describe('the parameter broadcast', () => {
  it('brings every version whole, in one chunk or many', async () => {
    const server = await startNatsServer();
    neverImpatient();
    for (const [count, maxChunkBytes] of [
      [16, undefined],
      [4096, 4096],
      [1_000_000, undefined],
    ] as const) {
      const publisher = new ParameterPublisher(await connect(server.address), {
        job: JOB,
        ...(maxChunkBytes ? { maxChunkBytes } : {}),
      });
      const connection = await connect(server.address);
      const receiver = receive(connection, count, NO_REFETCH, maxChunkBytes);
      await receiver.opened;
      for (let version = 0; version < 3; version++) {
        const flat = values(count, version);
        const { digest, bytes, sent } = await publisher.publish(1, version, flat);
        expect(publisher.digest(flat)).toBe(digest);
        expect({ bytes, complete: await sent }).toEqual({ bytes: count * 4, complete: true });
        const got = await receiver.whenComplete({ leadershipEpoch: 1, version, digest }, 5_000);
        expect(Buffer.from(got.buffer).equals(Buffer.from(flat.buffer))).toBe(true);
      }
      receiver.close();
    }
  });

  it('is fetched when it was sent before the worker listened', async () => {
    const server = await startNatsServer();
    const held = values(4096, 7);
    const publisher = new ParameterPublisher(await connect(server.address), { job: JOB });
    const { digest } = await publisher.publish(1, 3, held);
    const asked: { start: number; end: number }[] = [];
    const receiver = receive(await connect(server.address), 4096, serveFrom(held, asked));
    const got = await receiver.whenComplete({ leadershipEpoch: 1, version: 3, digest }, 5_000);
    expect([...got]).toEqual([...held]);
    expect(asked).toEqual([{ start: 0, end: 4096 }]);
  });

  it('fetches only what is missing after a lost chunk', async () => {
    const server = await startNatsServer();
    const held = values(4096, 9);
    const sender = await connect(server.address);
    const publish = sender.publish.bind(sender);
    sender.publish = (subject, payload, options) => {
      if (options?.headers?.get('chunk') !== '1') publish(subject, payload, options);
    };
    const publisher = new ParameterPublisher(sender, { job: JOB, maxChunkBytes: 4096 });
    const connection = await connect(server.address);
    const asked: { start: number; end: number }[] = [];
    const receiver = receive(connection, 4096, serveFrom(held, asked), 4096);
    await receiver.opened;
    const { digest } = await publisher.publish(1, 0, held);
    const got = await receiver.whenComplete({ leadershipEpoch: 1, version: 0, digest }, 5_000);
    expect([...got]).toEqual([...held]);
    expect(asked).toEqual([{ start: 1024, end: 2048 }]);
  });

  it('fetches a version whose digest is not the one the command names', async () => {
    const server = await startNatsServer();
    const publisher = new ParameterPublisher(await connect(server.address), { job: JOB });
    const connection = await connect(server.address);
    const held = values(64, 1);
    const { digest } = await publisher.publish(1, 0, held);
    const receiver = receive(connection, 64, serveFrom(held, []));
    await receiver.opened;
    await publisher.publish(1, 0, values(64, 2));
    const got = await receiver.whenComplete({ leadershipEpoch: 1, version: 0, digest }, 5_000);
    expect([...got]).toEqual([...held]);
    const wrong = { leadershipEpoch: 1, version: 1, digest: digest ^ 1 };
    await expect(receiver.whenComplete(wrong, 5_000)).rejects.toMatchObject({ code: 'PARAMETERS_DAMAGED' });
  });

  it('takes a restarted coordinator at earlier versions, each beside the one before it', async () => {
    const server = await startNatsServer();
    const publisher = new ParameterPublisher(await connect(server.address), { job: JOB });
    const connection = await connect(server.address);
    const receiver = receive(connection, 64, NO_REFETCH);
    await receiver.opened;
    const bring = async (leadershipEpoch: number, version: number): Promise<Float32Array> => {
      const { digest } = await publisher.publish(leadershipEpoch, version, values(64, leadershipEpoch * 100 + version));
      return receiver.whenComplete({ leadershipEpoch, version, digest }, 5_000);
    };
    for (const [leadershipEpoch, first] of [
      [1, 17],
      [2, 7],
      [3, 7],
    ] as const) {
      const inUse = await bring(leadershipEpoch, first);
      const next = await bring(leadershipEpoch, first + 1);
      expect([...inUse]).toEqual([...values(64, leadershipEpoch * 100 + first)]);
      expect([...next]).toEqual([...values(64, leadershipEpoch * 100 + first + 1)]);
    }
  });

  it('no longer holds a version once a new leadership brings it, though the bits are the same', async () => {
    const server = await startNatsServer();
    const publisher = new ParameterPublisher(await connect(server.address), { job: JOB });
    const connection = await connect(server.address);
    const receiver = receive(connection, 64, NO_REFETCH);
    await receiver.opened;
    const bring = async (leadershipEpoch: number, version: number): Promise<WantedVersion> => {
      const { digest } = await publisher.publish(leadershipEpoch, version, values(64, version));
      const wanted = { leadershipEpoch, version, digest };
      await receiver.whenComplete(wanted, 5_000);
      return wanted;
    };
    const old = await bring(1, 5);
    expect(receiver.holds(old)).toBe(true);
    const again = await bring(2, 5);
    expect(again.digest).toBe(old.digest);
    expect([old, again].map((wanted) => receiver.holds(wanted))).toEqual([false, true]);
  });

  it('survives a server that goes away: the publisher says so and the worker fetches', async () => {
    const server = await startNatsServer();
    const sender = await connect(server.address);
    const publisher = new ParameterPublisher(sender, { job: JOB });
    const held = values(64, 5);
    const listener = await connect(server.address);
    const receiver = receive(listener, 64, serveFrom(held, []));
    await receiver.opened;
    const disconnected = (async () => {
      for await (const status of sender.status()) if (status.type === 'disconnect') return;
    })();
    await server.stop();
    await disconnected;
    const { digest, sent } = await publisher.publish(1, 4, held);
    expect(await sent).toBe(false);
    expect([...(await receiver.whenComplete({ leadershipEpoch: 1, version: 4, digest }, 5_000))]).toEqual([...held]);
    const again = await startNatsServer({ port: server.port });
    expect(again.port).toBe(server.port);
    for await (const status of sender.status()) if (status.type === 'reconnect') break;
    expect(await (await publisher.publish(1, 5, held)).sent).toBe(true);
    // Closing a connection whose server just died makes the library throw outside of any promise.
    await sender.close();
    await listener.close();
  });

  it('is fetched without patience while the link is down', async () => {
    const server = await startNatsServer();
    const sender = await connect(server.address);
    const held = values(4096, 3);
    const publisher = new ParameterPublisher(sender, { job: JOB, maxChunkBytes: 4096 });
    const { digest } = await publisher.publish(1, 0, held);
    const receiver = receive(await connect(server.address), 4096, serveFrom(held, []), 4096);
    await receiver.opened;
    neverImpatient();
    const waiting = receiver.whenComplete({ leadershipEpoch: 1, version: 0, digest }, 60_000);
    const lost = new Promise<void>((resolve) => linkOf(sender).onLoss(resolve));
    await server.stop();
    expect([...(await waiting)]).toEqual([...held]);
    await lost;
    const late = await new ParameterPublisher(sender, { job: JOB, maxChunkBytes: 4096 }).publish(1, 1, held);
    expect({ bytes: late.bytes, complete: await late.sent }).toEqual({ bytes: 0, complete: false });
    await receiver.whenComplete({ leadershipEpoch: 1, version: 1, digest: late.digest }, 60_000);
  });

  it('gives up with the error of the fetch, or at the deadline', async () => {
    const server = await startNatsServer();
    const wanted = { leadershipEpoch: 1, version: 0, digest: 0 };
    const refused = receive(await connect(server.address), 16, () =>
      Promise.reject(new LockstepError('FENCED', { message: 'replaced' })),
    );
    await expect(refused.whenComplete(wanted, 5_000)).rejects.toMatchObject({ code: 'FENCED' });
    const silent = receive(await connect(server.address), 16, () => new Promise(() => {}));
    await expect(silent.whenComplete(wanted, 100)).rejects.toMatchObject({ code: 'DEADLINE' });
  });
});
