/** The broadcast over links that stall and break: versions arrive whole, by a fetch where the broadcast lost them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { expect, it, onTestFinished } from 'vitest';
import { isSettled } from '../../../../test/support/is-settled.js';
import { startNatsServer } from '../../../../test/support/nats-server.js';
import { openTcpLink } from '../../../../test/support/tcp-link.js';
import { connectNats } from './connect.js';
import { ParameterPublisher } from './parameter-publisher.js';
import { ParameterReceiver } from './parameter-receiver.js';
import { parameterSubject } from './subjects.js';

const JOB = 'job-1';
const COUNT = 500_000;
const PATIENCE_MS = 20_000;

/** What a version holds, and how it is asked for. */
interface Version {
  readonly wanted: { readonly leadershipEpoch: number; readonly version: number; readonly digest: number };
  readonly flat: Float32Array;
  readonly complete: boolean;
}

class Broadcast {
  readonly #publisher: ParameterPublisher;
  readonly #receiver: ParameterReceiver;
  readonly #held = new Map<number, Float32Array>();
  fetches = 0;

  readonly #count: number;

  constructor(from: NatsConnection, to: NatsConnection, count = COUNT) {
    this.#count = count;
    this.#publisher = new ParameterPublisher(from, { job: JOB });
    this.#receiver = new ParameterReceiver(to, {
      ...{ job: JOB, subject: parameterSubject(JOB), elementCount: count },
      buffers: [new Float32Array(count), new Float32Array(count)],
      refetch: async ({ version }, ranges, fill) => {
        this.fetches++;
        const held = this.#held.get(version) as Float32Array;
        for (const { start, end } of ranges) fill(start, new Uint8Array(held.slice(start, end).buffer));
      },
    });
    onTestFinished(() => this.#receiver.close());
  }

  /** Settles once what is published arrives. */
  get opened(): Promise<void> {
    return this.#receiver.opened;
  }

  async publish(version: number): Promise<Version> {
    const flat = Float32Array.from({ length: this.#count }, (_, index) => Math.fround(index * 0.5 + version));
    const { begun, sent } = await this.begin(version, flat);
    return { ...begun, complete: await sent };
  }

  /** @returns once commands could name the version */
  async begin(version: number, flat: Float32Array) {
    this.#held.set(version, flat);
    const { digest, sent } = await this.#publisher.publish(1, version, flat);
    return { begun: { wanted: { leadershipEpoch: 1, version, digest }, flat }, sent };
  }

  async arrives({ wanted, flat }: Omit<Version, 'complete'>): Promise<void> {
    const got = await this.#receiver.whenComplete(wanted, PATIENCE_MS);
    expect(Buffer.from(got.buffer).equals(Buffer.from(flat.buffer))).toBe(true);
  }
}

async function connect(address: string): Promise<NatsConnection> {
  const connection = await connectNats({ servers: [address], name: 'test' });
  onTestFinished(() => connection.close());
  return connection;
}

/** A server that cuts off whoever owes it a megabyte for long. */
async function startImpatientServer() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-nats-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'nats.conf');
  writeFileSync(config, 'max_pending: 1MB\nwrite_deadline: "200ms"\n');
  return startNatsServer({ args: ['--config', config] });
}

it('a slow receiver that the server cuts off comes back, and fetches what it missed', async () => {
  const server = await startImpatientServer();
  const link = await openTcpLink(server.address);
  const receiving = await connect(link.address);
  const broadcast = new Broadcast(await connect(server.address), receiving);
  await broadcast.opened;
  await broadcast.arrives(await broadcast.publish(0));

  link.stall();
  let last = await broadcast.publish(1);
  // The kernel's buffers of the stalled link take some megabytes before the server notices.
  for (let version = 2; version < 12; version++) last = await broadcast.publish(version);
  link.resume();
  await broadcast.arrives(last);
  expect(last.complete).toBe(true);
  await expect.poll(() => link.connections, { timeout: PATIENCE_MS }).toBeGreaterThan(1);

  expect(broadcast.fetches).toBeGreaterThan(0);
  // Once its subscription is there again, a version comes by the broadcast alone.
  let version = 12;
  const comesAlone = async (): Promise<boolean> => {
    const fetches = broadcast.fetches;
    await broadcast.arrives(await broadcast.publish(version++));
    return broadcast.fetches === fetches;
  };
  await expect.poll(comesAlone, { timeout: PATIENCE_MS }).toBe(true);
});

it('what a publisher queued on a link that broke is fetched, and later versions are broadcast again', async () => {
  const server = await startNatsServer();
  const link = await openTcpLink(server.address);
  const publishing = await connect(link.address);
  const receiving = await connect(server.address);
  const broadcast = new Broadcast(publishing, receiving);
  await broadcast.opened;
  await broadcast.arrives(await broadcast.publish(0));

  const cut = broadcast.publish(1);
  link.cut();
  const broken = await cut;
  expect(broken.complete).toBe(false);
  await broadcast.arrives(broken);
  expect(broadcast.fetches).toBeGreaterThan(0);

  let version = 2;
  const comesAlone = async (): Promise<boolean> => {
    const fetches = broadcast.fetches;
    const published = await broadcast.publish(version++);
    await broadcast.arrives(published);
    return published.complete && broadcast.fetches === fetches;
  };
  await expect.poll(comesAlone, { timeout: PATIENCE_MS }).toBe(true);
});

it('a version is named before the link has taken more than a part of it', async () => {
  const server = await startNatsServer();
  const link = await openTcpLink(server.address);
  const receiving = await connect(server.address);
  const count = 16_000_000;
  const broadcast = new Broadcast(await connect(link.address), receiving, count);
  await broadcast.opened;

  link.stall();
  const { begun, sent } = await broadcast.begin(0, new Float32Array(count).fill(0.5));
  expect(await isSettled(sent)).toBe(false);
  link.resume();
  await broadcast.arrives(begun);
  expect(await sent).toBe(true);
});
