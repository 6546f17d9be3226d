/** The machine's clocks. */
import type { Clock } from '../ports.js';

/** Monotonic time from `performance`, wall time from `Date`. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  unixSeconds: () => Date.now() / 1000,
};
