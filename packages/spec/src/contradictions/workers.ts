/** Numbers of workers that contradict each other. */
import type { ResolvedJobSpec } from '../schema.js';
import type { Add } from './contradiction.js';

/** Checks that as many workers can come as the job needs. */
export function checkWorkers({ run, train }: ResolvedJobSpec, add: Add): void {
  const { workers, minWorkers, maxWorkers } = run;
  const lanes = train.lanes * train.accumulate;
  if (workers < minWorkers) {
    const message = `run.workers is below run.minWorkers, ${minWorkers}`;
    add(['run', 'workers'], workers, message, `Use run.workers: ${minWorkers} or more, or lower run.minWorkers.`);
  }
  if (maxWorkers !== undefined && maxWorkers < minWorkers) {
    const message = `run.maxWorkers is below run.minWorkers, ${minWorkers}`;
    add(['run', 'maxWorkers'], maxWorkers, message, `Use run.maxWorkers: ${minWorkers} or more.`);
  }
  if (minWorkers > lanes) {
    const message = `${minWorkers} workers for ${lanes} lanes: at most one worker computes a lane`;
    add(['run', 'minWorkers'], minWorkers, message, `Use run.minWorkers: ${lanes} or fewer, or raise train.lanes.`);
  }
}
