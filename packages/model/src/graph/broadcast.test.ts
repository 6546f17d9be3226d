import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broadcastAxes, broadcastShapes, normaliseAxis } from './broadcast.js';

describe('broadcastShapes', () => {
  it.each([
    [[], [], []],
    [[3], [], [3]],
    [[2, 1], [3], [2, 3]],
    [['N', 3], [3], ['N', 3]],
    [
      ['N', 1],
      ['N', 3],
      ['N', 3],
    ],
    [
      [1, 4],
      ['N', 1],
      ['N', 4],
    ],
    [
      [0, 3],
      [1, 3],
      [0, 3],
    ],
    [
      [5, 1, 2],
      [4, 1],
      [5, 4, 2],
    ],
  ])('%j with %j is %j', (left, right, expected) => {
    expect(broadcastShapes(left, right, 'here')).toEqual(expected);
    expect(broadcastShapes(right, left, 'here')).toEqual(expected);
  });

  it('names the place and both shapes when they do not fit', () => {
    expect(() => broadcastShapes([2, 3], [4], 'Add_7')).toThrow('Add_7: shapes [2, 3] and [4] do not broadcast');
  });
});

describe('broadcastAxes', () => {
  it.each([
    [[3], ['N', 3], [0]],
    [['N', 1], ['N', 3], [1]],
    [[], [2, 3], [0, 1]],
    [[1, 3], [1, 3], []],
    [
      [1, 1],
      [5, 4, 3],
      [0, 1, 2],
    ],
  ])('%j was repeated to %j along %j', (shape, target, expected) => {
    expect(broadcastAxes(shape, target)).toEqual(expected);
  });

  it('names exactly the axes whose sizes make up the difference', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.boolean()), fc.nat(4), (target, flips, dropped) => {
        const shape = target.slice(Math.min(dropped, target.length)).map((size) => (flips.next().value ? 1 : size));
        const repeated = broadcastAxes(shape, target).reduce((product, axis) => product * target[axis]!, 1);
        const count = (of: readonly number[]) => of.reduce((product, size) => product * size, 1);
        expect(count(shape) * repeated).toBe(count(target));
      }),
    );
  });
});

describe('normaliseAxis', () => {
  it('counts negative axes from the end and refuses those outside', () => {
    expect(normaliseAxis(-1, 3)).toBe(2);
    expect(normaliseAxis(1, 3)).toBe(1);
    expect(() => normaliseAxis(3, 3)).toThrow('axis 3 is outside a tensor of rank 3');
    expect(() => normaliseAxis(-4, 3)).toThrow('axis -4');
  });
});
