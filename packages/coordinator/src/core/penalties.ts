/** Penalties on parameters, cut into stretches of the flat vector that have the same ones. Pure. */
import {
  add,
  multiply,
  type ParameterLayout,
  scalar,
  signed,
  type TensorLayout,
  type Term,
} from '@lockstep/protocol/core';
import { PARAMETERS } from './optimizers/optimizer.js';

/** Penalty on one tensor. */
export interface RegularizerTerm {
  readonly tensor: string;
  readonly l1: number;
  readonly l2: number;
}

/** Elements `start` to `end` - 1, which have as many penalties. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly penaltyCount: number;
  /** Of {@link penalized}. */
  readonly scalars: Readonly<Record<string, number>>;
}

/** The whole vector in stretches, ascending. @throws Error on a penalty on a tensor that does not exist */
export function stretchesOf(layout: ParameterLayout, regularizers: readonly RegularizerTerm[]): readonly Stretch[] {
  for (const { tensor } of regularizers) {
    if (!layout.tensors.some(({ name }) => name === tensor)) throw new Error(`the layout has no tensor ${tensor}`);
  }
  const stretches: Stretch[] = [];
  let start = 0;
  const close = (end: number, terms: readonly RegularizerTerm[]): void => {
    if (end > start) stretches.push({ start, end, penaltyCount: terms.length, scalars: scalarsOf(terms) });
    start = end;
  };
  for (const { name, start: first, length } of [...layout.tensors].sort(byStart)) {
    const terms = regularizers.filter(({ tensor }) => tensor === name);
    if (terms.length === 0) continue;
    close(first, []);
    close(first + length, terms);
  }
  close(layout.elementCount, []);
  return stretches;
}

/** Adds l1 sign(w) + 2 l2 w, the gradient of l1 |w| + l2 w^2 (Keras' L1L2), once for each penalty. */
export function penalized(gradient: Term, penaltyCount: number): Term {
  let sum = gradient;
  for (let index = 0; index < penaltyCount; index++) {
    const flat = signed(scalar(`flat${index}`), PARAMETERS);
    sum = add(sum, add(flat, multiply(scalar(`slope${index}`), PARAMETERS)));
  }
  return sum;
}

function scalarsOf(terms: readonly RegularizerTerm[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    terms.flatMap(({ l1, l2 }, index) => [
      [`flat${index}`, l1],
      [`slope${index}`, 2 * l2],
    ]),
  );
}

function byStart(left: TensorLayout, right: TensorLayout): number {
  return left.start - right.start;
}
