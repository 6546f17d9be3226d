/** Long work on the thread that answers others. */
import { setImmediate } from 'node:timers/promises';

/** Does work in pieces; whatever waits for the process has its turn between two. A single piece is done at once. */
export async function inTurns<Result>(pieces: Generator<void, Result>): Promise<Result> {
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
    await setImmediate();
  }
}
