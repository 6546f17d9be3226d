import { describe, expect, it } from 'vitest';
import { VersionBuffers } from './version-buffers.js';

describe('version buffers', () => {
  const [a, b] = [new Float32Array(1), new Float32Array(1)] as const;

  it('never give a version the buffer of the one before it', () => {
    const buffers = new VersionBuffers([a, b]);
    let last: Float32Array | null = null;
    for (let version = 0; version < 5; version++) {
      const next = buffers.take({ leadershipEpoch: 1, version });
      expect(next).not.toBe(last);
      expect(buffers.take({ leadershipEpoch: 1, version })).toBe(next);
      last = next;
    }
  });

  it('keep the version in use when one in between was lost', () => {
    const buffers = new VersionBuffers([a, b]);
    const inUse = buffers.take({ leadershipEpoch: 1, version: 3 });
    expect(buffers.take({ leadershipEpoch: 1, version: 5 })).not.toBe(inUse);
  });

  it('start again under a new leadership, which goes back to earlier versions', () => {
    const buffers = new VersionBuffers([a, b]);
    buffers.take({ leadershipEpoch: 1, version: 10 });
    buffers.take({ leadershipEpoch: 1, version: 11 });
    const [fifth, sixth] = [5, 6].map((version) => buffers.take({ leadershipEpoch: 2, version }));
    expect(fifth).not.toBe(sixth);
  });
});
