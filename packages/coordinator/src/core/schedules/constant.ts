/** The same learning rate throughout. */
import type { ScheduleSpec } from '@lockstep/spec';
import type { Schedule } from './schedule.js';

/** `constant`. */
export const constant: Schedule<Extract<ScheduleSpec, { type: 'constant' }>> = (_spec, { initialRate }) => initialRate;
