/** Tests of the coordinator's series. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SERIES_GRACE_MS } from './limits.js';
import { CoordinatorMetrics } from './metrics.js';

/** Lines with a value. */
async function lines(metrics: CoordinatorMetrics): Promise<string[]> {
  return (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function runJob(metrics: CoordinatorMetrics): void {
  metrics.jobStarted('job', 0.5);
  metrics.stepCommitted(32, 0.7);
  metrics.goodput(1);
  metrics.evalMetric('test_accuracy', 0.9);
  metrics.readyWorkers('job', 2);
  metrics.jobEnded('job');
}

describe('the series of a coordinator', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('says nothing about a job before there is one', async () => {
    const names = (await lines(new CoordinatorMetrics('1.0.0'))).join('\n');
    expect(names).not.toMatch(/lockstep_(train_loss|goodput_ratio|eval_metric)/);
    expect(names).toMatch(/lockstep_steps_total 0/);
  });

  it('keeps the values of an ended job for a grace time, then only the totals', async () => {
    const metrics = new CoordinatorMetrics('1.0.0');
    runJob(metrics);
    vi.advanceTimersByTime(SERIES_GRACE_MS - 1);
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining(['lockstep_train_loss 0.7', 'lockstep_eval_metric{metric="test_accuracy"} 0.9']),
    );
    vi.advanceTimersByTime(1);
    const left = (await lines(metrics)).join('\n');
    expect(left).not.toMatch(/lockstep_(train_loss|goodput_ratio|eval_metric)|state="ready"/);
    expect(left).toMatch(/lockstep_samples_total 32/);
  });

  it('has as many series after 200 jobs as after one', async () => {
    const metrics = new CoordinatorMetrics('1.0.0');
    runJob(metrics);
    const once = (await lines(metrics)).length;
    for (let job = 0; job < 200; job++) runJob(metrics);
    expect((await lines(metrics)).length).toBe(once);
  });

  it('keeps the values of a job that started while an earlier one was in its grace time', async () => {
    const metrics = new CoordinatorMetrics('1.0.0');
    runJob(metrics);
    metrics.jobStarted('job', 0);
    metrics.stepCommitted(1, 0.25);
    vi.advanceTimersByTime(SERIES_GRACE_MS * 2);
    expect(await lines(metrics)).toContain('lockstep_train_loss 0.25');
  });

  it('counts jobs when asked', async () => {
    const metrics = new CoordinatorMetrics('1.0.0');
    let running = 0;
    metrics.countJobsWith(() => new Map([['running', running]]));
    running = 3;
    expect(await lines(metrics)).toContain('lockstep_jobs{state="running"} 3');
  });

  it('counts the workers that jobs ask for when asked', async () => {
    const metrics = new CoordinatorMetrics('1.0.0');
    metrics.countWantedWith(() => new Map([['cuda', 4]]));
    expect(await lines(metrics)).toContain('lockstep_workers_wanted{device="cuda"} 4');
  });
});
