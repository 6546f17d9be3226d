/** Holds schedules to the values of Keras 3, stored by test/reference/optimizers.py. */
import { readFileSync } from 'node:fs';
import type { ScheduleSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { learningRateAt } from './table.js';

interface Reference {
  readonly schedules: readonly {
    readonly name: string;
    readonly spec: ScheduleSpec;
    readonly initialRate: number;
    readonly rates: readonly number[];
  }[];
}

/** Keras computes schedules in float32, Lockstep in float64. */
const RELATIVE_TOLERANCE = 1e-6;
const { schedules } = JSON.parse(
  readFileSync(new URL('../optimizers/testing/keras-reference.json', import.meta.url), 'utf8'),
) as Reference;

describe('learningRateAt', () => {
  it.each(schedules)('$name follows Keras', ({ spec, initialRate, rates }) => {
    expect(rates).toHaveLength(31);
    rates.forEach((expected, step) => {
      const actual = learningRateAt(spec, initialRate, step, 1000);
      expect(Math.abs(actual - expected), `step ${step}: ${actual}, not ${expected}`).toBeLessThan(
        RELATIVE_TOLERANCE * initialRate,
      );
    });
  });

  it('stays where it is when constant', () => {
    const spec: ScheduleSpec = { type: 'constant', warmupSteps: 0 };
    expect([0, 1, 999].map((step) => learningRateAt(spec, 0.25, step, 1000))).toEqual([0.25, 0.25, 0.25]);
  });

  it('warms up linearly from 0 and then starts the schedule at its first step', () => {
    const spec: ScheduleSpec = { type: 'step', warmupSteps: 4, everySteps: 2, factor: 0.5 };
    const rates = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((step) => learningRateAt(spec, 1, step, 100));
    expect(rates).toEqual([0, 0.25, 0.5, 0.75, 1, 1, 0.5, 0.5, 0.25]);
  });

  it('lets a cosine without decaySteps end with the job, warm-up not counted', () => {
    const spec: ScheduleSpec = { type: 'cosine', warmupSteps: 10, alpha: 0 };
    expect(learningRateAt(spec, 1, 10, 30)).toBe(1);
    expect(learningRateAt(spec, 1, 20, 30)).toBeCloseTo(0.5, 15);
    expect(learningRateAt(spec, 1, 30, 30)).toBe(0);
  });
});
