/** Tests of what a job does whose workers are all gone. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobMachineEvent } from './core/job-machine.js';
import { Desertion } from './desertion.js';
import { DESERTED_TIMEOUT_MS } from './limits.js';

function start(
  least = 1,
  others = '',
): { desertion: Desertion; events: JobMachineEvent[]; cancellation: AbortController } {
  const events: JobMachineEvent[] = [];
  const cancellation = new AbortController();
  const job = { advance: (event: JobMachineEvent) => void events.push(event), cancellation };
  const desertion = new Desertion(job, 2, least, () => others);
  return { desertion, events, cancellation };
}

describe('a job without workers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('says nothing before it does something that needs workers', () => {
    const { desertion, events } = start();
    desertion.changed(0, 'w0');
    expect(events).toEqual([]);
  });

  it('waits in numbers and goes on where it was', () => {
    const { desertion, events, cancellation } = start();
    const finishing = { type: 'finishing', what: 'exports' } as const;
    desertion.doing(finishing);
    desertion.changed(1, 'w0, cut');
    desertion.changed(0, 'w1, cut');
    vi.advanceTimersByTime(DESERTED_TIMEOUT_MS - 1);
    desertion.changed(1, 'w2');
    vi.advanceTimersByTime(DESERTED_TIMEOUT_MS * 2);
    const why = '0 of 2 workers are ready; the last was lost: w1, cut. Waits 120 s for one';
    expect(events).toEqual([finishing, { type: 'waiting', why }, finishing]);
    expect(cancellation.signal.aborted).toBe(false);
  });

  it('says what computes other bits while it waits, and when it fails', () => {
    const { desertion, events, cancellation } = start(1, '; 1 more computes other bits');
    desertion.doing({ type: 'running', what: 'steps' });
    desertion.changed(0, 'w1, cut');
    expect(events.at(-1)).toMatchObject({
      why: expect.stringMatching(/was lost: w1, cut; 1 more computes other bits/),
    });
    vi.advanceTimersByTime(DESERTED_TIMEOUT_MS);
    expect(cancellation.signal.reason).toMatchObject({ message: expect.stringContaining('1 more computes other') });
  });

  it('fails when none comes in time', () => {
    const { desertion, cancellation } = start();
    desertion.doing({ type: 'running', what: 'steps' });
    desertion.changed(0, 'w1, cut');
    vi.advanceTimersByTime(DESERTED_TIMEOUT_MS);
    expect(cancellation.signal.reason).toMatchObject({ code: 'JOB_WORKERS_LOST' });
  });

  it('waits with fewer than it needs, counts them, and goes on or fails', () => {
    const { desertion, events, cancellation } = start(2);
    const running = { type: 'running', what: 'steps' } as const;
    desertion.doing(running);
    desertion.changed(1, 'w1, cut');
    desertion.changed(0, 'w0, cut');
    desertion.changed(1, 'w2');
    desertion.changed(2, 'w3');
    const why = (ready: number, last: string): string =>
      `waiting for workers: ${ready} of at least 2; the last was lost: ${last}, cut. Waits 120 s for more`;
    const waits = [why(1, 'w1'), why(0, 'w0'), why(1, 'w0')].map((text) => ({ type: 'waiting', why: text }));
    expect(events).toEqual([running, ...waits, running]);
    desertion.changed(1, 'w3, cut');
    vi.advanceTimersByTime(DESERTED_TIMEOUT_MS);
    expect(cancellation.signal.reason).toMatchObject({
      ...{ code: 'JOB_WORKERS_LOST', value: '1' },
      message: expect.stringContaining('1 of at least 2; the last was lost: w3, cut. Not enough came within 120 s'),
    });
  });

  it('needs one worker only once the steps are over', () => {
    const { desertion, events, cancellation } = start(2);
    desertion.doing({ type: 'running', what: 'steps' });
    desertion.changed(1, 'w1, cut');
    desertion.doing({ type: 'finishing', what: 'exports' });
    vi.advanceTimersByTime(DESERTED_TIMEOUT_MS);
    expect(events.at(-1)).toEqual({ type: 'finishing', what: 'exports' });
    expect(cancellation.signal.aborted).toBe(false);
  });

  it('leaves a job that is over alone', () => {
    const { desertion, cancellation } = start();
    desertion.doing({ type: 'running', what: 'steps' });
    desertion.changed(0, 'w1, cut');
    desertion.stop();
    vi.advanceTimersByTime(DESERTED_TIMEOUT_MS);
    expect(cancellation.signal.aborted).toBe(false);
  });
});
