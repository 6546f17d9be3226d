/** What a schedule is: the learning rate of a step. */

/** What a schedule sees. */
export interface ScheduleContext {
  /** The optimizer's learning rate. */
  readonly initialRate: number;
  /** 0-based, counted from the end of the warm-up. */
  readonly step: number;
  /** Steps of the whole job after the warm-up. */
  readonly totalSteps: number;
}

/** Learning rate of a step, in float64. */
export type Schedule<Spec> = (spec: Spec, context: ScheduleContext) => number;
