/** Gradients that a worker has to show at once. Pure. */
import { alignedRanges } from '@lockstep/protocol/core';

/** The most nodes of the reduction tree that one of so many workers sends in a step, where all are there. */
export function gradientSlots(laneCount: number, workers: number): number {
  const sharing = Math.min(workers, laneCount);
  const share = (worker: number): number => Math.floor((worker * laneCount) / sharing);
  const counts = Array.from({ length: sharing }, (_, worker) => {
    const length = share(worker + 1) - share(worker);
    const lanes = Array.from({ length }, (_lane, index) => share(worker) + index);
    return alignedRanges(lanes, laneCount).length;
  });
  return Math.max(1, ...counts);
}
