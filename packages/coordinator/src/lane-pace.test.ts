import { expect, it } from 'vitest';
import { LanePace } from './lane-pace.js';
import { PATIENCE } from './limits.js';

it('has more patience with workers that read residuals before they compute, however quick their steps were', () => {
  const pace = new LanePace();
  for (let step = 0; step < 5; step++) pace.finished(10, []);
  expect(pace.patience([]).hangMs).toBe(PATIENCE.leastHangMs);
  expect(pace.patience([], true)).toMatchObject({ hangMs: PATIENCE.mostHangMs, stragglerMs: null });
});
