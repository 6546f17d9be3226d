/** The learning rate falls exponentially. */
import { exp, log } from '@lockstep/protocol/core';
import type { ScheduleSpec } from '@lockstep/spec';
import type { Schedule } from './schedule.js';

/** `exponential`: initial x decayRate^(step / decaySteps), as Keras ExponentialDecay. */
export const exponential: Schedule<Extract<ScheduleSpec, { type: 'exponential' }>> = (
  { decaySteps, decayRate },
  { initialRate, step },
) => initialRate * exp((log(decayRate) * step) / decaySteps);
