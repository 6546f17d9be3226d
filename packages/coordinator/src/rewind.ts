/** Goes back to a job's newest checkpoint, within the process. */
import { inTurns } from '@lockstep/protocol';
import type { Checkpointer } from './checkpoint/checkpointer.js';
import { type EpochState, epochState } from './epoch-state.js';
import type { Job } from './job.js';
import type { JobNumerics } from './job-numerics.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { ProgressReporter } from './progress.js';
import type { StepPorts } from './run-step.js';
import type { TensorBoardLog } from './tensorboard-log.js';

/** What going back needs. */
export interface RewindPorts {
  readonly job: Job;
  readonly metrics: CoordinatorMetrics;
  readonly steps: StepPorts;
  readonly checkpointer: Checkpointer;
  readonly numerics: JobNumerics;
  readonly board: TensorBoardLog | null;
}

/** Leaves `state` where the newest checkpoint was written. @returns false where there is none, with nothing changed */
export async function rewind(
  what: string,
  state: EpochState,
  { job, metrics, steps, checkpointer, numerics, board }: RewindPorts,
  reporter: ProgressReporter,
): Promise<boolean> {
  const warn = (code: string, message: string): void =>
    job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code, message } });
  const { step, firstStepUnixSeconds } = state;
  const found = await checkpointer.newest((path, why) => warn('CHECKPOINT_SKIPPED', `${path} is passed over: ${why}.`));
  if (!found) return false;
  await inTurns(steps.rule.optimizer.restore(found.optimizer));
  steps.residuals?.restore(found.residuals);
  await steps.versions.replace(found.parameters);
  Object.assign(state, epochState(found), { firstStepUnixSeconds });
  numerics.rewound(found.step);
  metrics.stepsLost(step - found.step);
  reporter.rewound(found.step);
  board?.rewound({ step: found.step, epochs: found.history.length });
  job.emit({ rewound: { toStep: found.step } });
  warn('REWOUND', `goes back from step ${step} to the checkpoint of step ${found.step}. ${what}`);
  return true;
}
