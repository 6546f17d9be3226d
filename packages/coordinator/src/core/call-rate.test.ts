import { expect, it } from 'vitest';
import { CallRate } from './call-rate.js';

const BOUNDS = { perSecond: 2, burst: 3, maxCallers: 2 };

it('A16 admits a burst, then calls at a steady rate, of each caller by itself', () => {
  const rate = new CallRate(BOUNDS);
  const at = (caller: string, ...times: number[]): boolean[] => times.map((ms) => rate.admits(caller, ms));
  expect(at('a', 0, 0, 0, 0)).toEqual([true, true, true, false]);
  expect(at('b', 0)).toEqual([true]);
  expect(at('a', 499, 500, 999, 1000)).toEqual([false, true, false, true]);
  expect(at('a', 60_000, 60_000, 60_000, 60_000)).toEqual([true, true, true, false]);
});

it('A16 remembers so many callers and no more', () => {
  const rate = new CallRate(BOUNDS);
  for (let call = 0; call < 4; call++) rate.admits('a', 0);
  for (const other of ['b', 'c']) rate.admits(other, 0);
  expect(rate.admits('a', 0)).toBe(true);
});
