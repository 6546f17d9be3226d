/** Curves as an SVG drawing that stands by itself: axes, lines, and a legend that does not need colours. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { escaped } from './page.js';

const [WIDTH, HEIGHT] = [460, 280];
const MARGIN = { top: 10, right: 14, bottom: 40, left: 58 };
const TICKS = 5;
/** Dashes of the second line, the third and so on; colours are in {@link CHART_STYLE}. */
const DASHES = ['', '6 4', '2 3', '10 3 2 3', '12 4'];

/** Styles of charts, for the page that has them. */
export const CHART_STYLE = `
:root { --c0: #2f66ad; --c1: #b3541e; --c2: #2c7a4b; --c3: #8a4fa3; --c4: #7a6a12; }
@media (prefers-color-scheme: dark) { :root { --c0: #7fb0ec; --c1: #eb9a68; --c2: #74c495; --c3: #c99be0; --c4: #cfbd5c; } }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 23rem), 1fr)); gap: 1rem 2rem; }
figure { margin: 0; min-width: 0; } figcaption { font-weight: 600; margin-bottom: .3rem; }
.chart { width: 100%; height: auto; max-width: 34rem; font: 12px system-ui, sans-serif; }
.chart text { fill: var(--soft); } .chart .grid { stroke: var(--line); } .chart .axis { stroke: var(--soft); }
.chart path, .legend path { fill: none; stroke-width: 2; } .chart circle { stroke: none; } .chart .even { stroke: var(--soft); stroke-dasharray: 3 4; }
.l0 { stroke: var(--c0); fill: var(--c0); } .l1 { stroke: var(--c1); fill: var(--c1); } .l2 { stroke: var(--c2); fill: var(--c2); } .l3 { stroke: var(--c3); fill: var(--c3); } .l4 { stroke: var(--c4); fill: var(--c4); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: 0; margin: .3rem 0 0; font-size: .87em; color: var(--soft); }
.legend svg { display: inline-block; vertical-align: middle; margin-right: .4rem; } .legend li { overflow-wrap: anywhere; min-width: 0; }
`;

/** Points that are joined in their order; one that is not finite leaves a gap. */
export interface Series {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What is drawn. */
export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** Both axes from 0 to 1. @default what the points take */
  readonly isSquare?: true;
  /** With the line from corner to corner of a square. */
  readonly hasDiagonal?: true;
}

type Point = readonly [number, number];

/** A figure with its drawing; every text is escaped. */
export function lineChart({ title, xLabel, yLabel, series, isSquare, hasDiagonal }: LineChart): string {
  const [x0, x1] = [MARGIN.left, WIDTH - MARGIN.right];
  const [y0, y1] = [HEIGHT - MARGIN.bottom, MARGIN.top];
  const x = scaleLinear(isSquare ? [0, 1] : extent(series.flatMap((each) => each.x)), [x0, x1]);
  const y = scaleLinear(isSquare ? [0, 1] : extent(series.flatMap((each) => each.y)), [y0, y1]);
  if (!isSquare) y.nice(TICKS);
  const [xTicks, yTicks] = [x.ticks(TICKS), y.ticks(TICKS)];
  const grid = yTicks.map(
    (tick) => `<line class="grid" x1="${x0}" x2="${x1}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>`,
  );
  const xTexts = xTicks.map(
    (tick) => `<text x="${round(x(tick))}" y="${y0 + 16}" text-anchor="middle">${tickText(tick)}</text>`,
  );
  const yTexts = yTicks.map(
    (tick) => `<text x="${x0 - 6}" y="${round(y(tick)) + 4}" text-anchor="end">${tickText(tick)}</text>`,
  );
  const names = [
    `<text x="${(x0 + x1) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text transform="translate(12 ${(y0 + y1) / 2}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
  ];
  const draw = line<Point>(
    (point) => round(x(point[0])),
    (point) => round(y(point[1])),
  ).defined(isFinitePoint);
  const lines = series.map((each, index) => {
    const points = each.x.map((value, at): Point => [value, each.y[at] ?? Number.NaN]);
    const known = points.filter(isFinitePoint);
    const [only] = known;
    if (known.length === 1 && only)
      return `<circle class="l${colour(index)}" cx="${round(x(only[0]))}" cy="${round(y(only[1]))}" r="4"/>`;
    return `<path class="l${colour(index)}"${dashes(index)} d="${draw(points) ?? ''}"/>`;
  });
  const even = hasDiagonal ? [`<line class="even" x1="${x0}" y1="${y0}" x2="${x1}" y2="${y1}"/>`] : [];
  const axes = `<path class="axis" d="M${x0} ${y1}V${y0}H${x1}"/>`;
  const drawing = [...grid, axes, ...even, ...lines, ...xTexts, ...yTexts, ...names].join('');
  return `<figure><figcaption>${escaped(title)}</figcaption>
<svg class="chart" role="img" aria-label="${escaped(alternative({ title, xLabel, yLabel, series }))}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${drawing}</svg>
${legend(series)}</figure>`;
}

/** What the drawing shows, for those who do not see it. */
function alternative({ title, xLabel, yLabel, series }: LineChart): string {
  const words = series.map(({ name, y }) => {
    const known = y.filter(Number.isFinite);
    const [first, last] = [known.at(0), known.at(-1)];
    if (first === undefined || last === undefined) return `${name}: no values`;
    return `${name}: ${known.length} values from ${tickText(first)} to ${tickText(last)}`;
  });
  return `${title}, ${yLabel} by ${xLabel}. ${words.join('; ')}`;
}

function legend(series: readonly Series[]): string {
  const items = series.map(({ name }, index) => {
    const sample = `<svg width="26" height="8" aria-hidden="true"><path class="l${colour(index)}"${dashes(index)} d="M0 4H26"/></svg>`;
    return `<li>${sample}${escaped(name)}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** The ends of values that are finite, apart from each other; 0 and 1 where there are none. */
function extent(values: readonly number[]): [number, number] {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return [0, 1];
  const low = known.reduce((least, value) => Math.min(least, value));
  const high = known.reduce((most, value) => Math.max(most, value));
  return low === high ? [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2] : [low, high];
}

const isFinitePoint = ([x, y]: Point): boolean => Number.isFinite(x) && Number.isFinite(y);
const round = (value: number): number => Math.round(value * 10) / 10;
const colour = (index: number): number => index % DASHES.length;
const tickText = (value: number): string => String(Number(value.toPrecision(4)));

function dashes(index: number): string {
  const dash = DASHES[(index + Math.floor(index / DASHES.length)) % DASHES.length];
  return dash ? ` stroke-dasharray="${dash}"` : '';
}
