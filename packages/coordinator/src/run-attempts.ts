/** Runs a job again after a failure that may pass by itself, and ends one that is beyond its deadline. */
import { LockstepError } from '@lockstep/protocol/core';
import type { JobMachineEvent } from './core/job-machine.js';
import type { Job } from './job.js';
import { FIRST_RETRY_MS, MAX_RETRY_MS } from './limits.js';
import type { Clock } from './ports.js';

/** Milliseconds before the retry of a number, counted from 1: each pause is twice the one before. */
export function retryPause(retry: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (retry - 1), MAX_RETRY_MS);
}

/**
 * Runs a job, and again from its newest checkpoint as often as `run.retries` says.
 * @param attempt runs it once
 * @returns how it ended. @throws what the last attempt threw, or what the job was stopped or interrupted with
 */
export async function runAttempts(job: Job, attempt: () => Promise<JobMachineEvent>): Promise<JobMachineEvent> {
  const { retries } = job.submission.spec.run;
  for (let retry = 1; ; retry++) {
    try {
      return await attempt();
    } catch (thrown) {
      const error = LockstepError.from(thrown);
      // What was told to end says why, whatever it was doing.
      if (job.stopped) throw job.stopped;
      if (job.interruption) throw job.interruption;
      if (retry > retries || !error.entry.retryable) throw thrown;
      await pauseBefore(job, retry, error);
    }
  }
}

async function pauseBefore(job: Job, retry: number, error: LockstepError): Promise<void> {
  const { retries } = job.submission.spec.run;
  const pauseMs = retryPause(retry);
  const why = `retry ${retry} of ${retries} in ${pauseMs / 1000} s: ${error.code}: ${error.message}`;
  job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code: 'RETRY', message: why } });
  job.advance({ type: 'waiting', why });
  job.beginAttempt();
  const { signal } = job.cancellation;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, pauseMs);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** Tells once that a job is beyond its deadline, unless it has ended before. */
export function watchDeadline(job: Job, clock: Clock, onExpired: (error: LockstepError) => void): void {
  const seconds = job.submission.spec.run.deadlineSeconds;
  if (seconds === undefined) return;
  // The wall clock counts only what went before this coordinator; a jump of it never gives more than the whole.
  const passed = Math.max(0, clock.unixSeconds() - job.createdUnixSeconds);
  const expire = (): void => {
    const { state, reason } = job.phase;
    const message = `The job has not ended within ${seconds} s of its submission; it is ${state}: ${reason}`;
    onExpired(
      new LockstepError('DEADLINE_EXCEEDED', { message, field: 'run.deadlineSeconds', value: String(seconds) }),
    );
  };
  const timer = setTimeout(expire, Math.max(0, seconds - passed) * 1000);
  timer.unref();
  const unfollow = job.follow(() => {
    if (!job.hasEnded) return;
    clearTimeout(timer);
    unfollow();
  });
}
