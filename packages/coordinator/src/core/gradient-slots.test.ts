/** Tests of how many gradients a worker has to show at once. */
import { describe, expect, it } from 'vitest';
import { gradientSlots } from './gradient-slots.js';

describe('slots of a worker', () => {
  it.each([
    [1, 1, 1],
    [2, 2, 1],
    [4, 1, 1],
    [4, 2, 1],
    [4, 3, 1],
    [8, 3, 2],
    [6, 2, 2],
    [7, 1, 1],
    [2, 5, 1],
  ])('for %i lanes and %i workers are %i', (lanes, workers, slots) => {
    expect(gradientSlots(lanes, workers)).toBe(slots);
  });
});
