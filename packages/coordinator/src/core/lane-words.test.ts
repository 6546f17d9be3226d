import { expect, it } from 'vitest';
import { laneText } from './lane-words.js';

it('names the rows of a lane, also where it has one or none', () => {
  expect(laneText(1, 2, 8)).toBe('lane 1 (rows 4 to 7 of the 8 of its global batch)');
  const shortBatch = [0, 1, 2, 3].map((lane) => laneText(lane, 4, 2));
  expect(shortBatch.filter((text) => text.includes('(no row of the 2'))).toHaveLength(2);
  expect(shortBatch.filter((text) => /\(row [01] of the 2/.test(text))).toHaveLength(2);
});
