import { describe, expect, it } from 'vitest';
import { addressGroup, hostOf, isLoopback } from './loopback.js';

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

  it('counts an IPv4 address, also a mapped one, and the /64 of an IPv6 one as one caller', () => {
    expect(['10.0.0.1', '::ffff:10.0.0.1', '::FFFF:10.0.0.1'].map(addressGroup)).toEqual(Array(3).fill('10.0.0.1'));
    const one = ['2001:db8:0:7::1', '2001:db8:0:7:ffff:1:2:3', '2001:db8::7:0:0:0:9', '2001:db8:0:7::1%eth0'];
    expect(new Set(one.map(addressGroup))).toEqual(new Set(['2001:db8:0:7::/64']));
    expect([addressGroup('2001:db8:0:8::1'), addressGroup('::1'), addressGroup('unknown')]).toEqual([
      '2001:db8:0:8::/64',
      '0:0:0:0::/64',
      'unknown',
    ]);
  });
});
