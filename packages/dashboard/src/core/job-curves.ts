/** The curves of a job, from its events. */
import { appended, type Curve, drawable, type Point, rewound } from './curve.js';
import { formatNumber } from './format.js';
import type { JobEvent } from './wire.js';

/** All curves of a job. */
export interface JobCurves {
  /** Training loss by step. */
  readonly loss: Curve;
  /** Samples per second by step. */
  readonly throughput: Curve;
  /** What epochs ended with, by name. */
  readonly epochs: ReadonlyMap<string, Curve>;
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
export const NO_CURVES: JobCurves = { loss: [], throughput: [], epochs: new Map(), stepsPerEpoch: 0 };

const VALIDATION = 'validation_';
const LEARNING_RATE = 'learning rate';

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
  const loss: Point[] = [];
  const throughput: Point[] = [];
  const epochs = new Map<string, Point[]>();
  let { stepsPerEpoch } = curves;
  for (const event of events) {
    const progress = event.stepsCommitted?.progress;
    if (progress) {
      if (progress.totalEpochs > 0) stepsPerEpoch = progress.totalSteps / progress.totalEpochs;
      const at = { step: progress.step, x: progress.step };
      loss.push({ ...at, y: drawable(progress.trainLoss) });
      // Nothing is measured before the second report.
      if (progress.samplesPerSecond !== 0) throughput.push({ ...at, y: drawable(progress.samplesPerSecond) });
    }
    if (event.epochEnded) {
      const { epoch, trainLoss, learningRate, metrics } = event.epochEnded;
      for (const [name, value] of Object.entries({ loss: trainLoss, ...metrics, [LEARNING_RATE]: learningRate })) {
        // The event's own step is that of the newest report, which may lie behind the end of the epoch.
        const step = Math.max(event.step, epoch * stepsPerEpoch);
        epochs.set(name, [...(epochs.get(name) ?? []), { step, x: epoch, y: drawable(value) }]);
      }
    }
  }
  const joined = new Map(curves.epochs);
  for (const [name, points] of epochs) joined.set(name, appended(joined.get(name) ?? [], points));
  return {
    loss: appended(curves.loss, loss),
    throughput: appended(curves.throughput, throughput),
    epochs: epochs.size > 0 ? joined : curves.epochs,
    stepsPerEpoch,
  };
}

function rewoundAll({ loss, throughput, epochs, stepsPerEpoch }: JobCurves, toStep: number): JobCurves {
  return {
    stepsPerEpoch,
    loss: rewound(loss, toStep),
    throughput: rewound(throughput, toStep),
    epochs: new Map([...epochs].map(([name, curve]) => [name, rewound(curve, toStep)])),
  };
}

/** What is drawn: the loss, each metric with its validation, throughput, and the learning rate where it changes. */
export function chartsOf({ loss, throughput, epochs }: JobCurves): readonly Chart[] {
  const names = [...epochs.keys()].filter((name) => name !== LEARNING_RATE);
  const bases = [...new Set(names.map((name) => name.replace(VALIDATION, '')))];
  const rate = epochs.get(LEARNING_RATE) ?? [];
  const charts: Chart[] = [
    { title: 'Training loss', xLabel: 'step', lines: [{ name: 'train', curve: loss }] },
    ...bases.map((base): Chart => {
      const both = [
        { name: 'train', curve: epochs.get(base) ?? [] },
        { name: 'validation', curve: epochs.get(`${VALIDATION}${base}`) ?? [] },
      ];
      return { title: `${sentence(base)} by epoch`, xLabel: 'epoch', lines: both.filter(isDrawn) };
    }),
    {
      title: 'Samples per second',
      xLabel: 'step',
      isFromZero: true,
      lines: [{ name: 'samples/s', curve: throughput }],
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
