/** Follows a job without taking time from its steps. */
import type { Job } from './job.js';
import { WAKE_MS } from './limits.js';

/**
 * Calls a listener soon after events of a job: never within its steps, and once for all events of {@link WAKE_MS}.
 * @returns what ends it
 */
export function followSoon(job: Job, listener: () => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  const wake = (): void => {
    timer = null;
    listener();
  };
  const unfollow = job.follow(() => {
    timer ??= setTimeout(wake, WAKE_MS);
  });
  return () => {
    unfollow();
    if (timer) clearTimeout(timer);
  };
}
