/** Additions of the reduction tree: float32 sums of operands that are rounded to a format. */
import { add, vector } from '../kernels/formula.js';
import { createKernel, type Kernel } from '../kernels/kernel.js';
import { atOnce, inPieces } from '../pieces.js';
import { GRADIENT_FORMATS, type GradientFormat } from './format.js';

interface Kernels {
  readonly add: Kernel;
  readonly round: Kernel;
}

const { float32, bfloat16, float16 } = GRADIENT_FORMATS;
const KERNELS: Readonly<Record<GradientFormat['name'], Kernels>> = {
  float32: kernelsOf(float32),
  bfloat16: kernelsOf(bfloat16),
  float16: kernelsOf(float16),
};

function kernelsOf({ operand }: GradientFormat): Kernels {
  const into = operand(vector('into'));
  return {
    add: createKernel({ outputs: { into: add(into, operand(vector('from'))) } }),
    round: createKernel({ outputs: { into } }),
  };
}

/**
 * into += from in float32, both rounded to the format before; operands and results below 2^-126 in size count as +0, so
 * that an engine's own gradients need no pass of their own. @throws Error on another length
 */
export function addInPieces(into: Float32Array, from: Float32Array, format: GradientFormat): Generator<void, void> {
  if (into.length !== from.length) throw new Error(`cannot add ${from.length} elements to ${into.length}`);
  const { add: kernel } = KERNELS[format.name];
  return inPieces(into.length, (start, end) => {
    kernel.run({ into, from }, {}, start, end);
  });
}

/** {@link addInPieces} in float32, at once. */
export function addFloat32(into: Float32Array, from: Float32Array): Float32Array {
  atOnce(addInPieces(into, from, float32));
  return into;
}

/** Leaves what an addition would take of a vector. */
export function roundOperand(into: Float32Array, format: GradientFormat): void {
  KERNELS[format.name].round.run({ into }, {}, 0, into.length);
}
