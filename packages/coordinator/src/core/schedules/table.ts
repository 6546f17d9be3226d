/** Every schedule by its name in the spec. */
import type { ScheduleSpec } from '@lockstep/spec';
import { constant } from './constant.js';
import { cosine } from './cosine.js';
import { exponential } from './exponential.js';
import type { ScheduleContext } from './schedule.js';
import { step } from './step.js';

/** Learning rate of a step of the job: warm-up first, linearly from 0, then the schedule. */
export function learningRateAt(spec: ScheduleSpec, initialRate: number, jobStep: number, totalSteps: number): number {
  const { warmupSteps } = spec;
  if (jobStep < warmupSteps) return (initialRate * jobStep) / warmupSteps;
  return scheduled(spec, { initialRate, step: jobStep - warmupSteps, totalSteps: totalSteps - warmupSteps });
}

function scheduled(spec: ScheduleSpec, context: ScheduleContext): number {
  switch (spec.type) {
    case 'constant':
      return constant(spec, context);
    case 'step':
      return step(spec, context);
    case 'exponential':
      return exponential(spec, context);
    case 'cosine':
      return cosine(spec, context);
  }
}
