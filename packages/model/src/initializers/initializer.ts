/** How a parameter tensor starts. */
import { cos, log, type RandomStream } from '@lockstep/protocol/core';

/** Numbers of inputs and outputs that a tensor connects, as Keras counts them. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** One way for a tensor to start. */
export interface Initializer {
  readonly name: string;
  /**
   * Fills a tensor, row-major, or the part of it that begins at element `start`, a multiple of 4; numbers are keyed by
   * position, so that order never matters.
   */
  readonly fill: (out: Float32Array, fans: Fans, stream: RandomStream, start?: number) => void;
}

/** Standard deviation of a normal distribution cut at two of its own, as a fraction of the uncut one. */
const TRUNCATED_STDDEV = 0.87962566103423978;

/** Uniform in [-limit, limit). */
export function fillUniform(out: Float32Array, limit: number, stream: RandomStream, start = 0): void {
  stream.fillUniform(out, 0, start);
  for (let index = 0; index < out.length; index++) out[index] = (out[index]! * 2 - 1) * limit;
}

/** Normal with the given standard deviation after cutting at two sigma: Box-Muller, drawn again outside. */
export function fillTruncatedNormal(out: Float32Array, stddev: number, stream: RandomStream, start = 0): void {
  const sigma = stddev / TRUNCATED_STDDEV;
  for (let index = 0; index < out.length; index++) {
    const row = start + index;
    for (let draw = 0; ; draw += 2) {
      const radius = Math.sqrt(-2 * log((stream.uint32(draw, row) + 1) * 2 ** -32));
      const normal = radius * cos(2 * Math.PI * stream.uint32(draw + 1, row) * 2 ** -32);
      if (Math.abs(normal) < 2) {
        out[index] = normal * sigma;
        break;
      }
    }
  }
}
