import { describe, expect, it } from 'vitest';
import { hostOf, isLoopback } from './loopback.js';

describe('loopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', 'localhost'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.5', '128.0.0.1', 'localhost.example', '127.0.0.1.example', '0177.0.0.1', ''])(
    'is not %j',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  it('is told from the host of an address', () => {
    expect(['a.example:7070', '[::1]:7070', '127.0.0.1:1'].map(hostOf)).toEqual(['a.example', '::1', '127.0.0.1']);
  });
});
