import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startNatsServer } from '../../../../test/support/nats-server.js';
import type { RecordBucket } from './bucket.js';
import { probeRecords, race } from './probe.js';

/** A bucket that checks the revision before it waits, as servers before 2.9.21 did. */
function unsound(): RecordBucket {
  let revision = 0;
  const unused = async (): Promise<never> => Promise.reject(new Error('unused'));
  return {
    ...{ make: unused, state: unused, get: unused, list: unused, remove: unused },
    async put(_key, _text, lastRevision) {
      if (revision !== lastRevision) throw new Error('wrong last sequence');
      await new Promise((resolve) => setImmediate(resolve));
      return ++revision;
    },
  };
}

describe('the probe of compare-and-set', () => {
  it('finds a real nats-server sound', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-probe-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { address } = await startNatsServer({ args: ['-js', '-sd', folder] });
    expect(await probeRecords([address])).toBe('records: of two writers one won, 20 times of 20');
  });

  it('says where a server has no JetStream', async () => {
    expect(await probeRecords([(await startNatsServer()).address])).toContain('in the store only');
  });

  it('finds a bucket out that lets both writers win', async () => {
    const bucket = unsound();
    await expect(race(bucket, bucket)).rejects.toMatchObject({
      code: 'NATS_UNSOUND',
      message: 'Of two writers at revision 0, both won.',
    });
  });
});
