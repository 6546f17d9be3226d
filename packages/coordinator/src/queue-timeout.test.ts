/** Tests of the time that a job waits for workers. */
import type { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { QueueTimeout } from './queue-timeout.js';

function start(queueTimeoutSeconds: number | undefined, least = 2): { timeout: QueueTimeout; errors: LockstepError[] } {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const errors: LockstepError[] = [];
  const ports = { why: () => 'waits for more', onExpired: (error: LockstepError) => void errors.push(error) };
  const timeout = new QueueTimeout({ queueTimeoutSeconds }, least, ports);
  timeout.waits();
  return { timeout, errors };
}

describe('the time in the queue', () => {
  it.each([
    [1, 'No worker was'],
    [2, 'Fewer than 2 workers (run.minWorkers) were'],
  ])('is over once, with numbers, where %i are needed', (least, tooFew) => {
    const { timeout, errors } = start(10, least);
    timeout.holds(least - 1);
    vi.advanceTimersByTime(9999);
    expect(errors).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(errors).toMatchObject([
      {
        ...{ code: 'JOB_QUEUE_TIMEOUT', field: 'run.queueTimeoutSeconds', value: '10' },
        message: `${tooFew} there within run.queueTimeoutSeconds of 10 s: waits for more.`,
      },
    ]);
  });

  it('is no matter while a job holds enough, and counts anew when it loses them before it runs', () => {
    const { timeout, errors } = start(10);
    vi.advanceTimersByTime(9000);
    timeout.holds(2);
    vi.advanceTimersByTime(60_000);
    timeout.holds(1);
    vi.advanceTimersByTime(9000);
    expect(errors).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(errors).toHaveLength(1);
  });

  it('ends when a job runs, whatever it loses then, and counts anew when it is tried again', () => {
    const { timeout, errors } = start(10);
    timeout.holds(2);
    timeout.runs();
    timeout.holds(0);
    vi.advanceTimersByTime(60_000);
    expect(errors).toEqual([]);
    timeout.waits();
    vi.advanceTimersByTime(10_000);
    expect(errors).toHaveLength(1);
  });

  it('goes on where an attempt begins in it, and ends with the job', () => {
    const { timeout, errors } = start(10);
    vi.advanceTimersByTime(5000);
    timeout.waits();
    vi.advanceTimersByTime(4999);
    timeout.stop();
    vi.advanceTimersByTime(60_000);
    expect(errors).toEqual([]);
  });

  it('has no end where none is asked for', () => {
    const { errors } = start(undefined);
    vi.advanceTimersByTime(604_800_000);
    expect(errors).toEqual([]);
  });
});
