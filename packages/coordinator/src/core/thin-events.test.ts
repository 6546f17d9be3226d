import { describe, expect, it } from 'vitest';
import { thinEvents } from './thin-events.js';

interface Told {
  readonly step: number;
  readonly stepsCommitted?: object;
  readonly stepStalled?: object;
}

const progress = (step: number): Told => ({ step, stepsCommitted: {} });

/** What is kept of a job that has told of each step. */
function kept(steps: number, max: number, others: readonly number[] = []): readonly Told[] {
  let events: Told[] = [];
  for (let step = 1; step <= steps; step++) {
    events.push(progress(step));
    if (others.includes(step)) events.push({ step });
    if (events.length > max) events = thinEvents(events, max);
  }
  return events;
}

describe('thinEvents', () => {
  it('keeps early steps as close together as late ones, however often it was called', () => {
    const steps = thinEvents(kept(100_000, 100), 80).map(({ step }) => step);
    const gaps = steps.slice(1, -1).map((step, index) => step - (steps[index] ?? 0));
    expect(steps[0]).toBe(1);
    expect(steps.length).toBeGreaterThan(25);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps.slice(1)));
  });

  it('keeps the newest event, and everything that is no progress while that fits', () => {
    const others = [1, 500, 900, 999];
    const events = kept(1000, 50, others);
    expect(events.filter(({ stepsCommitted }) => !stepsCommitted).map(({ step }) => step)).toEqual(others);
    expect(events.at(-1)).toEqual(progress(1000));
    expect(events.length).toBeLessThanOrEqual(50);
  });

  it('keeps the newest of what is no progress where that alone is too much', () => {
    const events = Array.from({ length: 200 }, (_, step) => ({ step }));
    expect(thinEvents([progress(0), ...events], 100)).toEqual(events.slice(-100));
  });

  it('thins stalls like progress, each among its own, and keeps all else', () => {
    const events: Told[] = Array.from({ length: 400 }, (_, step): Told[] => [
      progress(step),
      { step, stepStalled: {} },
      ...(step % 100 === 0 ? [{ step }] : []),
    ]).flat();
    const thin = thinEvents(events, 100);
    const stalls = thin.filter(({ stepStalled }) => stepStalled).map(({ step }) => step);
    expect(thin.length).toBeLessThanOrEqual(75);
    expect(stalls.slice(0, 3)).toEqual([0, 16, 32]);
    expect(thin.filter(({ stepsCommitted }) => stepsCommitted).map(({ step }) => step)).toEqual(stalls.slice(0, 25));
    expect(thin.filter(({ stepsCommitted, stepStalled }) => !stepsCommitted && !stepStalled)).toHaveLength(4);
  });

  it('keeps steps of any stride, and those after a rewind', () => {
    const events = [
      ...Array.from({ length: 60 }, (_, index) => progress(10 * index + 7)),
      ...[3, 13, 23].map(progress),
    ];
    const steps = thinEvents(events, 50).map(({ step }) => step);
    expect(steps.length).toBeGreaterThan(20);
    expect(steps).toContain(3);
    expect(steps.at(-1)).toBe(23);
  });
});
