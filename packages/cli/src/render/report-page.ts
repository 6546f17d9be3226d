/** A finished run as one HTML page: curves of training, scores on the test rows, and the spec that makes it again. */
import type { ClassCurves, ScoreCurves } from '@lockstep/coordinator';
import type { RejectsOutcome, TraceOutcome, TrainingCourse } from '../outcome.js';
import { counted } from './counted.js';
import { CHART_STYLE, type LineChart, lineChart } from './line-chart.js';
import { escaped, head, page, rowHead, section } from './page.js';
import { PHASE_STYLE, type ProcessTime, phaseParts } from './phase-bars.js';
import { formatNumber } from './progress.js';
import { type ConfusionMatrix, courseLines, rejectsLine, traceLine } from './summary.js';

/** Classes of a confusion matrix that is shown. */
const MAX_MATRIX_CLASSES = 40;
/** Epochs that the table has; the curves have all. */
const MAX_TABLE_EPOCHS = 1000;

const STYLE = `${CHART_STYLE}${PHASE_STYLE}
td.right { background: color-mix(in srgb, var(--bar) calc(var(--share) * 45%), transparent); } td.wrong { background: color-mix(in srgb, var(--c1) calc(var(--share) * 60%), transparent); }
pre { font: .87em/1.45 ui-monospace, monospace; background: var(--box); padding: .8rem 1rem; border-radius: 4px; overflow-x: auto; }
summary { cursor: pointer; } details > .wide { margin-top: .5rem; }
`;

/** A finished run. */
export interface RunReport {
  readonly job: string;
  readonly parametersSha256: string;
  /** metrics.json. */
  readonly metricsJson: string;
  /** history.csv. */
  readonly historyCsv: string;
  /** ROC, precision and recall, calibration, as JSON; '' where a coordinator of before knew none. */
  readonly curvesJson: string;
  /** Of the coordinator and the workers; empty where a coordinator of before measured none. */
  readonly processTimes: readonly ProcessTime[];
  /** spec.yaml. */
  readonly specYaml: string;
}

/** What metrics.json holds, as far as the page shows it; a part may be missing in those of earlier versions. */
interface Metrics extends Partial<TrainingCourse> {
  readonly test?: Readonly<Record<string, number | null>>;
  readonly confusionMatrix?: ConfusionMatrix | null;
  readonly classes?:
    | readonly {
        readonly label: string;
        readonly rows: number;
        readonly precision: number | null;
        readonly recall: number | null;
        readonly f1: number | null;
      }[]
    | null;
  readonly averages?: string | null;
  readonly rows?: Readonly<Record<string, number>>;
  readonly trace?: TraceOutcome;
  readonly rejects?: RejectsOutcome;
}

/** Columns of history.csv by name; an empty cell is NaN. */
type History = ReadonlyMap<string, readonly number[]>;

/** The page; everything that comes from data or spec is escaped. */
export function reportPage(report: RunReport): string {
  const metrics = JSON.parse(report.metricsJson || '{}') as Metrics;
  const curves = JSON.parse(report.curvesJson || 'null') as ScoreCurves | null;
  const history = historyOf(report.historyCsv);
  const parts = [
    `<h1>${escaped(report.job)}</h1>`,
    `<p class="soft">${escaped(overview(metrics))} Parameters <code>${escaped(report.parametersSha256)}</code></p>`,
    ...notes(metrics).map((note) => `<p>${escaped(note)}</p>`),
    ...scores(metrics),
    '<h2>Training</h2>',
    `<div class="charts">${historyCharts(history).map(lineChart).join('\n')}</div>`,
    historyDetails(history),
    ...(curves ? curveParts(curves, metrics.rows?.test ?? curves.rows) : []),
    ...phaseParts(report.processTimes),
    `<h2 id="spec">Spec</h2>\n<pre tabindex="0" aria-labelledby="spec">${escaped(report.specYaml)}</pre>`,
  ];
  return page(`${report.job}: report`, parts, STYLE);
}

function overview({ epochs = 0, rows = {} }: Metrics): string {
  const parts = Object.entries(rows).filter(([kind, count]) => kind !== 'dropped' || count > 0);
  return `${counted(epochs, 'epoch')}. Rows: ${parts.map(([kind, count]) => `${count} ${kind}`).join(', ')}.`;
}

function notes({ earlyStopping = null, skippedSteps = 0, epochs = 0, rejects, trace }: Metrics): readonly string[] {
  return [
    ...courseLines({ earlyStopping, skippedSteps, epochs }),
    ...(rejects ? [`Bad rows: ${rejectsLine(rejects)}.`] : []),
    ...(trace ? [`Steps of the trace: ${traceLine(trace)}.`] : []),
  ];
}

/** Scores on the test rows, in all and by class. */
function scores({ test = {}, classes, averages, confusionMatrix }: Metrics): readonly string[] {
  const names = Object.entries(test);
  if (names.length === 0) return ['<h2>Test rows</h2>', '<p>The spec keeps no test rows.</p>'];
  const all = names.map(([name, value]) => `<tr>${rowHead(name)}${number(value)}</tr>`);
  const parts = [section('test', 'Test rows', `${head(['metric', 'value'], 1)}<tbody>${all.join('')}</tbody>`)];
  if (averages) parts.push(`<p class="soft">precision, recall, f1: ${escaped(averages)}</p>`);
  if (classes) {
    const rows = classes.map(
      ({ label, rows: count, precision, recall, f1 }) =>
        `<tr>${rowHead(label)}<td class="n">${count}</td>${[precision, recall, f1].map(number).join('')}</tr>`,
    );
    const heads = head(['class', 'rows', 'precision', 'recall', 'f1'], 4);
    parts.push(section('classes', 'Classes', `${heads}<tbody>${rows.join('')}</tbody>`));
  }
  return confusionMatrix ? [...parts, matrix(confusionMatrix)] : parts;
}

/** Rows are actual classes; each cell is as dark as its share of its row. */
function matrix({ labels, counts }: ConfusionMatrix): string {
  if (labels.length > MAX_MATRIX_CLASSES)
    return `<h2>Confusion matrix</h2>\n<p>${labels.length} classes: see metrics.json.</p>`;
  const rows = counts.map((row, actual) => {
    const sum = row.reduce((total, count) => total + count, 0);
    const cells = row.map((count, predicted) => {
      const share = sum === 0 ? 0 : count / sum;
      const kind = actual === predicted ? 'right' : 'wrong';
      return `<td class="n ${kind}" style="--share: ${share.toFixed(3)}">${count}</td>`;
    });
    return `<tr>${rowHead(labels[actual] ?? '')}${cells.join('')}</tr>`;
  });
  const heads = head(['actual \\ predicted', ...labels], labels.length);
  return section('matrix', 'Confusion matrix', `${heads}<tbody>${rows.join('')}</tbody>`);
}

function historyOf(csv: string): History {
  const [names = '', ...lines] = csv.trimEnd().split('\n');
  const rows = lines.map((line) => line.split(','));
  const cell = (text = ''): number => (text === '' ? Number.NaN : Number(text));
  return new Map(names.split(',').map((name, column) => [name, rows.map((row) => cell(row[column]))]));
}

const VALIDATION = 'validation_';

/** One chart for each metric, with that of the validation rows in it; then rate and time. */
function historyCharts(history: History): readonly LineChart[] {
  const epochs = history.get('epoch') ?? [];
  const chart = (title: string, names: readonly string[]): LineChart => {
    const series = names.map((name) => ({ name, x: epochs, y: history.get(name) ?? [] }));
    return { title, xLabel: 'epoch', yLabel: title, series };
  };
  const metrics = [...history.keys()].filter((name) => !['epoch', 'learning_rate', 'seconds'].includes(name));
  const plain = metrics.filter((name) => !name.startsWith(VALIDATION));
  const rates = new Set(history.get('learning_rate') ?? []);
  return [
    ...plain.map((name) =>
      chart(
        name,
        [name, `${VALIDATION}${name}`].filter((each) => history.has(each)),
      ),
    ),
    ...(rates.size > 1 ? [chart('learning rate', ['learning_rate'])] : []),
    chart('seconds of an epoch', ['seconds']),
  ];
}

function historyDetails(history: History): string {
  const names = [...history.keys()];
  const epochs = (history.get('epoch') ?? []).slice(0, MAX_TABLE_EPOCHS);
  const rows = epochs.map((epoch, at) => {
    const cells = names.slice(1).map((name) => number(history.get(name)?.[at] ?? null));
    return `<tr>${rowHead(String(epoch))}${cells.join('')}</tr>`;
  });
  const table = section('epochs', 'Epochs', `${head(names, names.length - 1)}<tbody>${rows.join('')}</tbody>`);
  return `<details><summary>Every epoch as numbers</summary>\n${table}\n</details>`;
}

/** @param all test rows */
function curveParts({ rows, classes, calibration }: ScoreCurves, all: number): readonly string[] {
  const named = (value: (each: ClassCurves) => number) => (each: ClassCurves) =>
    `${each.label} (${formatNumber(value(each))})`;
  const charts: LineChart[] = [];
  if (classes.length > 0) {
    const area = named(({ rocAuc }) => rocAuc);
    const average = named(({ averagePrecision }) => averagePrecision);
    charts.push(
      {
        ...{
          title: 'ROC (area)',
          xLabel: 'false positive rate',
          yLabel: 'true positive rate',
          isSquare: true,
          hasDiagonal: true,
        },
        series: classes.map((each) => ({ name: area(each), ...each.roc })),
      },
      {
        ...{ title: 'Precision and recall (average precision)', xLabel: 'recall', yLabel: 'precision', isSquare: true },
        series: classes.map((each) => ({ name: average(each), ...each.precisionRecall })),
      },
    );
  }
  const [x, y] = [calibration.map(({ probability }) => probability), calibration.map(({ share }) => share)];
  charts.push({
    ...{
      title: 'Calibration',
      xLabel: 'mean probability',
      yLabel: 'share of the class',
      isSquare: true,
      hasDiagonal: true,
    },
    series: [{ name: 'tenths that have rows', x, y }],
  });
  const sample = rows < all ? [`<p class="soft">Of ${rows} of the ${all} test rows.</p>`] : [];
  return [
    '<h2>Curves of the test rows</h2>',
    ...sample,
    `<div class="charts">${charts.map(lineChart).join('\n')}</div>`,
  ];
}

function number(value: number | null): string {
  return `<td class="n">${value === null || Number.isNaN(value) ? '' : escaped(formatNumber(value))}</td>`;
}
