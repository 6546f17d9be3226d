/** Follows a job without taking time from its steps. */
import type { Job } from './job.js';
import { WAKE_MS } from './limits.js';

/**
 * Calls a listener soon after events of a job, never within its steps: of another state at once, else at most every
 * {@link WAKE_MS}.
 * @returns what ends it
 */
export function followSoon(job: Job, listener: () => void): () => void {
  let { state } = job.phase;
  let wokenMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  const stop = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  const wake = (): void => {
    timer = null;
    wokenMs = performance.now();
    listener();
  };
  const unfollow = job.follow(() => {
    const isOther = job.phase.state !== state;
    state = job.phase.state;
    if (isOther) stop();
    timer ??= setTimeout(wake, isOther ? 0 : Math.max(0, wokenMs + WAKE_MS - performance.now()));
  });
  return () => {
    unfollow();
    stop();
  };
}
