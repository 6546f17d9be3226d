/** What a plot does with new values. */
import { expect, it } from 'vitest';
import { type DrawnPlot, drawData } from './plot-data.js';

function drawn(min: number, max: number): { readonly plot: DrawnPlot; readonly calls: string[] } {
  const calls: string[] = [];
  const plot: DrawnPlot = {
    data: [
      [1, 2, 3],
      [9, 8, 7],
    ],
    scales: { x: { min, max } },
    setData: (_, resetsScales = true) => calls.push(`data, scales ${resetsScales ? 'anew' : 'kept'}`),
    redraw: () => calls.push('redraw'),
  };
  return { plot, calls };
}

it.each([
  ['the part that somebody zoomed to', 1.5, 2.5, ['data, scales kept', 'redraw']],
  ['a part up to the end', 2, 3, ['data, scales kept', 'redraw']],
  ['all where nobody zoomed', 1, 3, ['data, scales anew']],
] as const)('new values leave %s in view', (_, min, max, expected) => {
  const { plot, calls } = drawn(min, max);
  drawData(plot, [
    [1, 2, 3, 4],
    [9, 8, 7, 6],
  ]);
  expect(calls).toEqual(expected);
});
