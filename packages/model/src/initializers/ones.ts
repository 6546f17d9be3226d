/** All 1. */
import type { Initializer } from './initializer.js';

/** All 1. */
export const ones: Initializer = {
  name: 'ones',
  fill: (out) => void out.fill(1),
};
