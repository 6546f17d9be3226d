import { expect, it } from 'vitest';
import { majorityClass } from './majority-class.js';

it.each([
  [[], ''],
  [['a'], 'a'],
  [['b', 'a', 'a'], 'a'],
  [['b', 'a', 'a', 'b'], 'b'],
  [['c', 'b', 'a', 'a'], 'a'],
])('of %j takes "%s"', (classes, expected) => {
  expect(majorityClass(classes)).toBe(expected);
});
