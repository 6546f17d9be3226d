/** A stalled step in words. */
import { formatDuration, formatLanes } from './format.js';
import type { StepStalled } from './wire.js';

/** Who is waited for, the same for as long as the stall lasts; and how long that is. */
export interface StallWords {
  readonly who: string;
  readonly where: string;
  /** Changes every second: nothing to say aloud. */
  readonly howLong: string;
}

/** The words: "The step waits for worker w1", ", lanes 0-1, in phase compute", "for 12 s (deadline 5.0 s)". */
export function stallWords({ workerId, lanes, phase, waitedSeconds, deadlineSeconds }: StepStalled): StallWords {
  const whose = lanes.length > 0 ? `, ${formatLanes(lanes)}` : '';
  return {
    who: `The step waits for ${workerId ? `worker ${workerId}` : 'the coordinator'}`,
    where: `${whose}, in phase ${phase}`,
    howLong: `for ${formatDuration(waitedSeconds)} (deadline ${formatDuration(deadlineSeconds)})`,
  };
}

/** What is said aloud, once: the same text for as long as the same worker is in the same phase; '' without a stall. */
export function stallSentence(stall: StepStalled | null): string {
  if (!stall) return '';
  const { who, where } = stallWords({ ...stall, lanes: [] });
  return `${who}${where}`;
}
