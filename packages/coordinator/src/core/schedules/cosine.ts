/** The learning rate falls along half a cosine. */
import { cos } from '@lockstep/protocol/core';
import type { ScheduleSpec } from '@lockstep/spec';
import type { Schedule } from './schedule.js';

/** `cosine`: initial x ((1 - alpha) (1 + cos(pi t)) / 2 + alpha), t = step / decaySteps up to 1, as Keras CosineDecay. */
export const cosine: Schedule<Extract<ScheduleSpec, { type: 'cosine' }>> = (
  { decaySteps, alpha },
  { initialRate, step, totalSteps },
) => {
  const progress = Math.min(1, step / (decaySteps ?? Math.max(1, totalSteps)));
  return initialRate * ((1 - alpha) * 0.5 * (1 + cos(Math.PI * progress)) + alpha);
};
