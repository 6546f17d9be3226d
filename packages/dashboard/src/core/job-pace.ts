/** How far a job is, from its events in their order: clocks are set, and steps are computed again. */
import type { JobEvent, JobProgress } from './wire.js';

/** How far a job is, as far as is known. */
export interface JobPace {
  /** What the page shows; null before the first step. */
  readonly shown: JobProgress | null;
  /** As of the newest event that told some. */
  readonly told: JobProgress | null;
  /** A snapshot is shown, and the events that come are older than it. */
  readonly isHeld: boolean;
}

/** Before the first message. */
export const NO_PACE: JobPace = { shown: null, told: null, isHeld: false };

/** The pace after a snapshot of the job. Only before the history was told does it know more than the events. */
export function withSnapshot(pace: JobPace, progress: JobProgress | null): JobPace {
  if (!progress || (pace.told && !pace.isHeld)) return pace;
  return { ...pace, shown: progress, isHeld: !isSame(pace.told, progress) };
}

/** The pace after an event. */
export function withEvent(pace: JobPace, { stepsCommitted, rewound }: JobEvent): JobPace {
  const before = pace.told ?? pace.shown;
  const told = stepsCommitted?.progress ?? (rewound && before && wentBack(before, rewound.toStep));
  if (!told) return pace;
  const isHeld = pace.isHeld && !isSame(told, pace.shown);
  return { told, isHeld, shown: isHeld ? pace.shown : told };
}

/** The pace once all of the history was told: each event from here on is news. */
export function withHistory(pace: JobPace): JobPace {
  return { ...pace, isHeld: false };
}

function wentBack(progress: JobProgress, step: number): JobProgress {
  const { totalSteps, totalEpochs } = progress;
  return { ...progress, step, epoch: Math.min(totalEpochs, Math.floor((step * totalEpochs) / totalSteps) + 1) };
}

/** Whether both are of the same report: a step that is computed again has the same loss, but not the same speed. */
function isSame(one: JobProgress | null, other: JobProgress | null): boolean {
  return (['step', 'trainLoss', 'samplesPerSecond'] as const).every((part) => Object.is(one?.[part], other?.[part]));
}
