/** Tests of work in pieces: the bits are those of the whole. */
import { describe, expect, it } from 'vitest';
import { addFloat32, addInPieces } from './gradients/addition.js';
import { GRADIENT_FORMATS } from './gradients/format.js';
import { atOnce, copyInPieces, inPieces, PIECE_ELEMENTS } from './pieces.js';

const LENGTH = PIECE_ELEMENTS + 5;

/** Normal and subnormal numbers of both signs. */
function values(seed: number): Float32Array {
  return Float32Array.from(
    { length: LENGTH },
    (_, index) => (((index * seed) % 1009) - 500) * (index % 2 ? 1 : 2 ** -135),
  );
}

function isSame(left: Float32Array, right: Float32Array): boolean {
  return Buffer.from(left.buffer).equals(Buffer.from(right.buffer));
}

describe('work in pieces', () => {
  it.each([
    [0, []],
    [1, [[0, 1]]],
    [PIECE_ELEMENTS, [[0, PIECE_ELEMENTS]]],
    [
      PIECE_ELEMENTS + 1,
      [
        [0, PIECE_ELEMENTS],
        [PIECE_ELEMENTS, PIECE_ELEMENTS + 1],
      ],
    ],
  ])('does %i elements once and in order', (length, expected) => {
    const done: number[][] = [];
    const pauses = [...inPieces(length, (start, end) => done.push([start, end]))].length;
    expect(done).toEqual(expected);
    expect(pauses).toBe(Math.max(0, expected.length - 1));
  });

  it('adds to the same bits as at once', () => {
    const [whole, pieces] = [values(5), values(5)];
    addFloat32(whole, values(2));
    atOnce(addInPieces(pieces, values(2), GRADIENT_FORMATS.float32));
    expect(isSame(pieces, whole)).toBe(true);
  });

  it('copies every element', () => {
    const copy = atOnce(copyInPieces(values(4)));
    expect(isSame(copy, values(4))).toBe(true);
  });
});
