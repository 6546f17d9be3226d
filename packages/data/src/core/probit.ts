/** Quantile function of the standard normal distribution: PPND16 of Wichura 1988 (algorithm AS 241), to about 1e-16. */
import { log } from '@lockstep/protocol/core';

/** Shares are cut to this distance from 0 and 1, as scikit-learn's QuantileTransformer does. */
export const SMALLEST_SHARE = 1e-7;
/** Distance from 1/2 up to which the middle polynomials hold. */
export const MIDDLE = 0.425;
/** Square of {@link MIDDLE}. */
export const MIDDLE_SQUARED = 0.180625;
/** What is taken from the argument of the tail polynomials. */
export const TAIL_SHIFT = 1.6;

/** Coefficients from the highest power down; the tail holds for shares from 1.4e-11 on. */
export const COEFFICIENTS = {
  middleTop: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  middleBottom: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
  tailTop: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  tailBottom: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
} as const;

/** The value below which a share (0..1) of a standard normal distribution lies. */
export function probit(share: number): number {
  const inside = Math.min(Math.max(share, SMALLEST_SHARE), 1 - SMALLEST_SHARE);
  const distance = inside - 0.5;
  if (Math.abs(distance) <= MIDDLE) {
    const rest = MIDDLE_SQUARED - distance * distance;
    return (distance * horner(COEFFICIENTS.middleTop, rest)) / horner(COEFFICIENTS.middleBottom, rest);
  }
  const depth = Math.sqrt(-log(Math.min(inside, 1 - inside))) - TAIL_SHIFT;
  const size = horner(COEFFICIENTS.tailTop, depth) / horner(COEFFICIENTS.tailBottom, depth);
  return distance < 0 ? -size : size;
}

function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient);
}
