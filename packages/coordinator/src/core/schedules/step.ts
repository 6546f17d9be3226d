/** The learning rate drops by a factor every so many steps. */
import type { ScheduleSpec } from '@lockstep/spec';
import type { Schedule } from './schedule.js';

/** `step`: initial x factor^floor(step / everySteps), by repeated multiplication. */
export const step: Schedule<Extract<ScheduleSpec, { type: 'step' }>> = ({ everySteps, factor }, context) => {
  let rate = context.initialRate;
  for (let drop = 0; drop < Math.floor(context.step / everySteps) && rate > 0; drop++) rate *= factor;
  return rate;
};
