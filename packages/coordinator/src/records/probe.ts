/** Proves that a nats-server keeps compare-and-set: of two writers that both know the newest revision, one wins. */
import { randomBytes } from 'node:crypto';
import { connectNats, type NatsAccessPaths, type NatsConnection, readNatsAccess } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { jetstreamManager } from '@nats-io/jetstream';
import type { RecordBucket } from './bucket.js';
import { JetStreamBucket } from './jetstream-bucket.js';

const ROUNDS = 20;
const KEY = 'probe';

/** Lets two connections race for each write of a bucket, which is gone afterwards. @returns what was seen, in words */
export async function probeRecords(servers: readonly string[], access: NatsAccessPaths = {}): Promise<string> {
  const { credentials } = await readNatsAccess(access);
  const connection = (number: number): Promise<NatsConnection> =>
    connectNats({ servers, ...credentials, name: `doctor-${number}` });
  const writers = await Promise.all([1, 2].map(connection));
  const name = `lockstep-probe-${randomBytes(8).toString('hex')}`;
  try {
    const buckets = await Promise.all(writers.map((nats) => JetStreamBucket.open(nats, name)));
    const [left, right] = buckets;
    if (!left || !right || !writers[0]) return 'no JetStream: records of jobs are in the store only';
    await left.make();
    try {
      await race(left, right);
    } finally {
      await (await jetstreamManager(writers[0])).streams.delete(`KV_${name}`);
    }
    return `records: of two writers one won, ${ROUNDS} times of ${ROUNDS}`;
  } finally {
    await Promise.all(writers.map((nats) => nats.close()));
  }
}

/** @throws LockstepError NATS_UNSOUND when both won, or none */
export async function race(left: RecordBucket, right: RecordBucket): Promise<void> {
  for (let round = 0, revision = 0; round < ROUNDS; round++) {
    const results = await Promise.allSettled([left.put(KEY, 'left', revision), right.put(KEY, 'right', revision)]);
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (won.length !== 1) {
      const message = `Of two writers at revision ${revision}, ${won.length === 0 ? 'none' : 'both'} won.`;
      throw new LockstepError('NATS_UNSOUND', { message, field: 'nats' });
    }
    revision = won[0] ?? 0;
  }
}
