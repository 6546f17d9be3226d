/** All 0. */
import type { Initializer } from './initializer.js';

/** All 0. */
export const zeros: Initializer = {
  name: 'zeros',
  fill: (out) => void out.fill(0),
};
