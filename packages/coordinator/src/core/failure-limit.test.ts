import { expect, it } from 'vitest';
import { FailureLimit } from './failure-limit.js';

const BOUNDS = { max: 2, windowMs: 1000, maxPeers: 2 };

it('a peer that fails too often waits for the next window, and others do not', () => {
  const limit = new FailureLimit(BOUNDS);
  limit.failed('a', 10);
  expect(limit.isExceeded('a', 20)).toBe(false);
  limit.failed('a', 30);
  expect([limit.isExceeded('a', 999), limit.isExceeded('b', 999), limit.isExceeded('a', 1000)]).toEqual([
    true,
    false,
    false,
  ]);
});

it('remembers so many peers and no more', () => {
  const limit = new FailureLimit(BOUNDS);
  for (const peer of ['a', 'a', 'b', 'c']) limit.failed(peer, 10);
  expect(limit.isExceeded('a', 20)).toBe(false);
});
