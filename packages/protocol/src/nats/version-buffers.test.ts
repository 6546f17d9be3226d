import { describe, expect, it } from 'vitest';
import { VersionBuffers } from './version-buffers.js';

describe('version buffers', () => {
  const [a, b] = [new Float32Array(1), new Float32Array(1)] as const;

  it('never give a version the buffer of the one before it', () => {
    const buffers = new VersionBuffers([a, b]);
    let last: Float32Array | null = null;
    for (let version = 0; version < 5; version++) {
      const next = buffers.take(version);
      expect(next).not.toBe(last);
      expect(buffers.take(version)).toBe(next);
      last = next;
    }
  });

  it('keep the version in use when one in between was lost', () => {
    const buffers = new VersionBuffers([a, b]);
    const inUse = buffers.take(3);
    expect(buffers.take(5)).not.toBe(inUse);
  });

  it('start again after a rewind', () => {
    const buffers = new VersionBuffers([a, b]);
    buffers.take(10);
    buffers.take(11);
    buffers.clear();
    expect(buffers.take(5)).not.toBe(buffers.take(6));
  });
});
