/** Cuts a flat gradient into frames that travel on the Train stream. */
import { chunkRanges, type ElementRange } from '../parameters/chunk.js';

/** Bytes of one gradient frame at most. */
export const MAX_FRAME_BYTES = 256 * 1024;

/** Element ranges of a gradient's frames, in order; at least one. */
export function frameRanges(elementCount: number): ElementRange[] {
  return chunkRanges(elementCount, MAX_FRAME_BYTES);
}
