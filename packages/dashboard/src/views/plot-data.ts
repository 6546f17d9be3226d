/** New values in a plot that somebody may have zoomed. */
import type uPlot from 'uplot';

/** What it needs of a plot. */
export type DrawnPlot = Pick<uPlot, 'data' | 'setData' | 'redraw'> & {
  readonly scales: Readonly<Record<string, Readonly<Pick<uPlot.Scale, 'min' | 'max'>>>>;
};

/** Draws the columns; the part that somebody chose to see stays in view. */
export function drawData(plot: DrawnPlot, columns: uPlot.AlignedData): void {
  if (!isZoomed(plot)) {
    plot.setData(columns);
    return;
  }
  plot.setData(columns, false);
  plot.redraw();
}

function isZoomed({ data, scales }: DrawnPlot): boolean {
  const [first, last] = [data[0][0], data[0].at(-1)];
  const { min, max } = scales.x ?? {};
  if (typeof min !== 'number' || typeof max !== 'number' || first === undefined || last === undefined) return false;
  return min > first || max < last;
}
