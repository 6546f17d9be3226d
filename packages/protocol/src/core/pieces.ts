/** Long loops over vectors in pieces, so that a process can answer others in between. The bits are those of one loop. */

/** Elements of a piece: some milliseconds of work. A multiple of every block whose sums are part of the bits. */
export const PIECE_ELEMENTS = 2 ** 18;

/** Calls `work` for elements `start` to `end` - 1, piece after piece. @yields between two pieces */
export function* inPieces(length: number, work: (start: number, end: number) => void): Generator<void, void> {
  for (let start = 0; start < length; start += PIECE_ELEMENTS) {
    if (start > 0) yield;
    work(start, Math.min(length, start + PIECE_ELEMENTS));
  }
}

/** Does all pieces one after another. @returns what they return at the end */
export function atOnce<Result>(pieces: Generator<void, Result>): Result {
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}

/** A copy of a vector. */
export function* copyInPieces(from: Float32Array): Generator<void, Float32Array> {
  const copy = new Float32Array(from.length);
  yield* inPieces(from.length, (start, end) => copy.set(from.subarray(start, end), start));
  return copy;
}
