/** Curves of a job. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { onColours } from '../browser/theme.js';
import { formatNumber } from '../core/format.js';
import { type Chart, chartText, columnsOf } from '../core/job-curves.js';
import { drawData } from './plot-data.js';
import { Scroller } from './scroller.js';

const HEIGHT = 190;
/** Room above the highest value, as a factor. */
const ABOVE = 1.08;
/** Epochs that the table beside the charts shows. */
const MAX_SHOWN = 1000;

/** All of them, and the same numbers as a table. */
export function Charts({ charts, isLive }: { readonly charts: readonly Chart[]; readonly isLive: boolean }) {
  if (charts.length === 0) {
    return isLive ? (
      <section>
        <p class="soft">Curves begin with the first step.</p>
      </section>
    ) : null;
  }
  return (
    <section>
      <h2>Curves</h2>
      <div class="charts">
        {charts.map((chart) => (
          <ChartFigure key={`${chart.title} ${chart.lines.map(({ name }) => name).join()}`} chart={chart} />
        ))}
      </div>
      <EpochTable charts={charts} />
    </section>
  );
}

function ChartFigure({ chart }: { readonly chart: Chart }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  // Made once: a new one for each point would lose the zoom. Its key has all that it is made of.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(optionsOf(chart, element), columnsOf(chart), element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const endColours = onColours(() => made.redraw(false, true));
    return () => {
      resized.disconnect();
      endColours();
      made.destroy();
    };
  }, []);
  useEffect(() => {
    if (plot.current) drawData(plot.current, columnsOf(chart));
  }, [chart]);
  return (
    <figure>
      <figcaption>{chart.title}</figcaption>
      <div ref={place} class="plot" role="img" aria-label={chartText(chart)} />
    </figure>
  );
}

function optionsOf({ xLabel, isFromZero, lines }: Chart, element: HTMLElement): uPlot.Options {
  // A canvas takes no variables of style sheets: the browser computes them for an element.
  const colour = (name: string) => (): string => {
    element.style.color = `var(${name})`;
    return getComputedStyle(element).color;
  };
  const axis: uPlot.Axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
    font: '12px system-ui, sans-serif',
  };
  const isWhole = (_: uPlot, ticks: number[]): string[] =>
    ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : ''));
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false, drag: { x: true, y: false } },
    scales: { x: { time: false }, y: isFromZero ? { range: (_, __, max) => [0, max * ABOVE] } : {} },
    axes: [
      { ...axis, size: 30, values: isWhole },
      { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => formatNumber(tick)) },
    ],
    series: [
      { label: xLabel, value: (plot, x) => String(x ?? plot.data[0].at(-1) ?? '–') },
      ...lines.map(({ name }, index): uPlot.Series => {
        const dash = index === 0 ? {} : { dash: [6, 3] };
        const stroke = colour(`--c${index}`);
        // Where nobody points, the newest.
        const value = (plot: uPlot, y: number | null, at: number, x: number | null): string => {
          const shown =
            x === null ? [...(plot.data[at] ?? [])].findLast((one) => one !== null && one !== undefined) : y;
          return shown === null || shown === undefined ? '–' : formatNumber(shown);
        };
        return { label: name, stroke, width: 1.75, points: { size: 5 }, value, ...dash };
      }),
    ],
  };
}

function EpochTable({ charts }: { readonly charts: readonly Chart[] }) {
  const columns = charts
    .filter(({ xLabel }) => xLabel === 'epoch')
    .flatMap(({ title, lines }) => {
      const what = title.replace(' by epoch', '').toLowerCase();
      return lines.map(({ name, curve }) => ({ name: name === what ? what : `${what}, ${name}`, curve }));
    });
  const epochs = [...new Set(columns.flatMap(({ curve }) => curve.map(({ x }) => x)))];
  if (epochs.length === 0) return null;
  epochs.sort((left, right) => right - left);
  const newest = epochs[0] ?? 0;
  const shown = epochs.slice(0, MAX_SHOWN);
  const values = columns.map(({ curve }) => new Map(curve.map(({ x, y }) => [x, y])));
  return (
    <details>
      <summary>Epochs as numbers</summary>
      {shown.length < newest ? (
        <p class="soft">
          {shown.length} of {newest} epochs: of a long run the page keeps those where a value was lowest or highest.
        </p>
      ) : null}
      <Scroller name="Epochs">
        <table>
          <caption class="unseen">Epochs, the newest first</caption>
          <thead>
            <tr>
              <th scope="col">Epoch</th>
              {columns.map(({ name }) => (
                <th key={name} scope="col" class="n">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((epoch) => (
              <tr key={epoch}>
                <th scope="row">{epoch}</th>
                {values.map((byEpoch, index) => (
                  <td key={columns[index]?.name} class="n">
                    {cell(byEpoch.get(epoch))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </details>
  );
}

function cell(value: number | null | undefined): string {
  if (value === undefined) return '';
  return value === null ? 'no number' : formatNumber(value);
}
