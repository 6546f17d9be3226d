import { expect, it } from 'vitest';
import { LineLimit } from './line-limit.js';

const BOUNDS = { maxPerCaller: 2, max: 5, windowMs: 1000, maxCallers: 3 };

it('A16 tells a few lines of each caller, and how many more there were when the window is over', () => {
  const limit = new LineLimit(BOUNDS);
  expect(['a', 'a', 'a', 'a', 'b'].map((caller) => limit.tells(caller, 10))).toEqual([true, true, false, false, true]);
  expect(limit.end(1009)).toEqual([]);
  expect(limit.end(1010)).toEqual([{ caller: 'a', count: 2 }]);
  expect(limit.end(5000)).toEqual([]);
  expect(limit.tells('a', 5000)).toBe(true);
  limit.tells('a', 5000);
  limit.tells('a', 5000);
  expect(limit.end(5001, true)).toEqual([{ caller: 'a', count: 1 }]);
});

it('A16 many callers together get no more lines, and no more memory, than are theirs', () => {
  const limit = new LineLimit(BOUNDS);
  const told = Array.from({ length: 1000 }, (_, index) => limit.tells(`address-${index % 500}`, 10));
  expect(told.filter(Boolean)).toHaveLength(BOUNDS.max);
  const untold = limit.end(2000);
  expect(untold).toHaveLength(BOUNDS.maxCallers - 2 + 1);
  expect(untold.reduce((sum, { count }) => sum + count, 0)).toBe(1000 - BOUNDS.max);
  expect(untold.at(-1)?.caller).toBeNull();
});
