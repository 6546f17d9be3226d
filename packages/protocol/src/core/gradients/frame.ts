/** Cuts a flat gradient into frames that travel on the Train stream. */
import { chunkRanges, type ElementRange } from '../parameters/chunk.js';

/** Bytes of one gradient frame at most. */
export const MAX_FRAME_BYTES = 256 * 1024;

/** Element ranges of a gradient's frames, in order; at least one. @param elementBytes of an element that travels */
export function frameRanges(elementCount: number, elementBytes: number): ElementRange[] {
  return chunkRanges(elementCount, Math.floor(MAX_FRAME_BYTES / elementBytes) * Float32Array.BYTES_PER_ELEMENT);
}
