/** The curves of a job, from its events. */
import { appended, type Curve, curveOf, drawable, NO_ROWS, type Point, type Row, type Rows, rewound } from './curve.js';
import { formatNumber } from './format.js';
import type { JobEvent } from './wire.js';

/** All that the curves of a job are made of. */
export interface JobCurves {
  /** Training loss by step. */
  readonly loss: Rows;
  /** Samples per second by step. */
  readonly throughput: Rows;
  /** What epochs ended with: all values of an epoch are kept together, or none. */
  readonly epochs: Rows;
  /** 0 until it is known. */
  readonly stepsPerEpoch: number;
}

/** Curves that are drawn together. */
export interface Chart {
  readonly title: string;
  readonly xLabel: 'step' | 'epoch';
  /** Drawn from zero up: else a small change looks like a large one. */
  readonly isFromZero?: boolean;
  readonly lines: readonly { readonly name: string; readonly curve: Curve }[];
}

/** Before the first event. */
export const NO_CURVES: JobCurves = { loss: NO_ROWS, throughput: NO_ROWS, epochs: NO_ROWS, stepsPerEpoch: 0 };

const VALIDATION = 'validation_';
const LEARNING_RATE = 'learning rate';
const LOSS = 'loss';
const THROUGHPUT = 'samples/s';

/** The curves after more events. */
export function withEvents(before: JobCurves, events: readonly JobEvent[]): JobCurves {
  let curves = before;
  let from = 0;
  events.forEach((event, index) => {
    if (!event.rewound) return;
    curves = rewoundAll(grown(curves, events.slice(from, index)), event.rewound.toStep);
    from = index + 1;
  });
  return grown(curves, events.slice(from));
}

function grown(curves: JobCurves, events: readonly JobEvent[]): JobCurves {
  const loss: Row[] = [];
  const throughput: Row[] = [];
  const epochs: Row[] = [];
  let { stepsPerEpoch } = curves;
  for (const event of events) {
    const progress = event.stepsCommitted?.progress;
    if (progress) {
      const { step, trainLoss, samplesPerSecond, totalSteps, totalEpochs } = progress;
      if (totalEpochs > 0) stepsPerEpoch = totalSteps / totalEpochs;
      loss.push({ step, x: step, values: { [LOSS]: drawable(trainLoss) } });
      // Nothing is measured before the second report.
      if (samplesPerSecond !== 0)
        throughput.push({ step, x: step, values: { [THROUGHPUT]: drawable(samplesPerSecond) } });
    }
    if (event.epochEnded) {
      const { epoch, trainLoss, learningRate, metrics } = event.epochEnded;
      const measured = Object.entries({ [LOSS]: trainLoss, ...metrics, [LEARNING_RATE]: learningRate });
      const values = Object.fromEntries(measured.map(([name, value]) => [name, drawable(value)]));
      // The event's own step is that of the newest report, which may lie behind the end of the epoch.
      epochs.push({ step: Math.max(event.step, epoch * stepsPerEpoch), x: epoch, values });
    }
  }
  return {
    loss: appended(curves.loss, loss),
    throughput: appended(curves.throughput, throughput),
    epochs: appended(curves.epochs, epochs),
    stepsPerEpoch,
  };
}

function rewoundAll({ loss, throughput, epochs, stepsPerEpoch }: JobCurves, toStep: number): JobCurves {
  return {
    stepsPerEpoch,
    loss: rewound(loss, toStep),
    throughput: rewound(throughput, toStep),
    epochs: rewound(epochs, toStep),
  };
}

/** What is drawn: the loss, each metric with its validation, throughput, and the learning rate where it changes. */
export function chartsOf({ loss, throughput, epochs }: JobCurves): readonly Chart[] {
  const known = new Set(epochs.rows.flatMap(({ values }) => Object.keys(values)));
  const names = [...known].filter((name) => name !== LEARNING_RATE);
  const bases = [...new Set(names.map((name) => name.replace(VALIDATION, '')))];
  const rate = curveOf(epochs, LEARNING_RATE);
  const charts: Chart[] = [
    { title: 'Training loss', xLabel: 'step', lines: [{ name: 'train', curve: curveOf(loss, LOSS) }] },
    ...bases.map((base): Chart => {
      const both = [
        { name: 'train', curve: curveOf(epochs, base) },
        { name: 'validation', curve: curveOf(epochs, `${VALIDATION}${base}`) },
      ];
      return { title: `${sentence(base)} by epoch`, xLabel: 'epoch', lines: both.filter(isDrawn) };
    }),
    {
      title: 'Samples per second',
      xLabel: 'step',
      isFromZero: true,
      lines: [{ name: THROUGHPUT, curve: curveOf(throughput, THROUGHPUT) }],
    },
    {
      title: 'Learning rate',
      xLabel: 'epoch',
      lines: rate.some(({ y }) => y !== rate[0]?.y) ? [{ name: LEARNING_RATE, curve: rate }] : [],
    },
  ];
  return charts.filter(({ lines }) => lines.some(isDrawn));
}

function isDrawn({ curve }: { readonly curve: Curve }): boolean {
  return curve.length > 0;
}

function sentence(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** A chart in words: "Loss by epoch. train: 10 values from 0.9 to 0.1, lowest 0.1 at epoch 10". */
export function chartText({ title, xLabel, lines }: Chart): string {
  const parts = lines.map(({ name, curve }) => {
    const values = curve.filter((point): point is Point & { y: number } => point.y !== null);
    const [first, last] = [values[0], values.at(-1)];
    if (!first || !last) return `${name}: no value that is a number`;
    const lowest = values.reduce((least, point) => (point.y < least.y ? point : least));
    const ends = `from ${formatNumber(first.y)} to ${formatNumber(last.y)}`;
    const gaps = values.length < curve.length ? ', with gaps where it was no number' : '';
    const least = `lowest ${formatNumber(lowest.y)} at ${xLabel} ${lowest.x}`;
    return `${name}: ${values.length} ${values.length === 1 ? 'value' : 'values'} ${ends}, ${least}${gaps}`;
  });
  return `${title}. ${parts.join('; ')}`;
}

/** Columns that uPlot draws: all `x` of the lines, then the values of each line, undefined where it has none there. */
export function columnsOf({ lines }: Chart): [number[], ...(number | null | undefined)[][]] {
  const xs = [...new Set(lines.flatMap(({ curve }) => curve.map(({ x }) => x)))].sort((left, right) => left - right);
  const columns = lines.map(({ curve }) => {
    const values = new Map(curve.map(({ x, y }) => [x, y]));
    return xs.map((x) => values.get(x));
  });
  return [xs, ...columns];
}
