/** Dropout masks: a function of seed, step, layer, row position in the global batch and element. */
import { RandomPurpose, RandomStream } from '@lockstep/protocol/core';

/** Which mask is made. */
export interface MaskRequest {
  readonly seed: number;
  readonly step: number;
  readonly layer: number;
  readonly width: number;
  /** Fraction dropped, below 1. */
  readonly rate: number;
  /** Position of the first row in the global batch. */
  readonly firstRow: number;
  readonly rowCount: number;
}

/** Fills `out`, row-major [rowCount, width], with 0 or 1 / (1 - rate) rounded to float32. */
export function fillMask(request: MaskRequest, out: Float32Array): void {
  const { seed, step, layer, width, rate, firstRow, rowCount } = request;
  const kept = Math.fround(1 / (1 - rate));
  const stream = new RandomStream(seed, RandomPurpose.dropout, step, layer);
  for (let row = 0; row < rowCount; row++) {
    const values = out.subarray(row * width, (row + 1) * width);
    stream.fillUniform(values, firstRow + row);
    for (let index = 0; index < width; index++) values[index] = (values[index] as number) < rate ? 0 : kept;
  }
}
