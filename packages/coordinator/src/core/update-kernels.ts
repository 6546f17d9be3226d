/** The formulas of an update, each compiled once for a job. */
import {
  add,
  createKernel,
  type Formula,
  flush,
  type GradientFormat,
  type Kernel,
  multiply,
  scalar,
  vector,
} from '@lockstep/protocol/core';
import { type ClipOptions, cutToValue, shrunkToNorm } from './clip.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { penalized } from './penalties.js';

/** What one run over memory does. */
export type Pass =
  /** Only looks whether the gradient is finite. */
  | 'check'
  /** Writes the gradient as `gradient`. */
  | 'gradient'
  /** Writes the gradient, cut to the value, as `gradient`; its norm is then measured. Looks as `check` does. */
  | 'cut'
  /** Writes version v + 1 and the optimizer's state. */
  | 'step'
  /** `check` and `step` in one. */
  | 'checkedStep';

/** Kernels by pass, operands of the last sum and penalties. */
export class UpdateKernels {
  readonly #clip: ClipOptions;
  readonly #optimizer: Optimizer;
  readonly #format: GradientFormat;
  readonly #kernels = new Map<string, Kernel>();

  /** @param format of operands of the last sum */
  constructor(clip: ClipOptions, optimizer: Optimizer, format: GradientFormat) {
    this.#clip = clip;
    this.#optimizer = optimizer;
    this.#format = format;
  }

  /**
   * The kernel of a pass over `gradient0`, `gradient1`... and `parameters`, with the scalars `mean`, `shrink` and those
   * of the penalties and the optimizer.
   */
  of(pass: Pass, operandCount: number, penaltyCount: number): Kernel {
    const key = `${pass}/${operandCount}/${penaltyCount}`;
    const known = this.#kernels.get(key);
    if (known) return known;
    const kernel = createKernel(this.#formula(pass, operandCount, penaltyCount));
    this.#kernels.set(key, kernel);
    return kernel;
  }

  #formula(pass: Pass, operandCount: number, penaltyCount: number): Formula {
    const taken = operandCount > 1 ? this.#format.operand : flush;
    const operands = Array.from({ length: operandCount }, (_, index) => taken(vector(`gradient${index}`)));
    const sum = operands.reduce(add);
    const gradient = penalized(multiply(sum, scalar('mean')), penaltyCount);
    const cut = cutToValue(gradient, this.#clip);
    const step = (): Formula['outputs'] => this.#optimizer.step(shrunkToNorm(cut, this.#clip));
    switch (pass) {
      case 'check':
        return { outputs: {}, finite: gradient };
      case 'gradient':
        return { outputs: { gradient } };
      case 'cut':
        return { outputs: { gradient: cut }, finite: gradient };
      case 'step':
        return { outputs: step() };
      case 'checkedStep':
        return { outputs: step(), finite: gradient };
    }
  }
}
