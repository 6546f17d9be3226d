/** What a run ended with: test metrics, confusion matrix, model, hash and the next command. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { JobOutcome, RejectsOutcome, TraceOutcome, TrainingCourse } from '../outcome.js';
import { formatDuration, formatNumber } from './progress.js';
import { shellWord } from './shell-word.js';
import { visible } from './visible.js';

const MAX_MATRIX_CLASSES = 12;

/** Confusion matrix in metrics.json: rows are actual classes, columns predicted ones. */
export interface ConfusionMatrix {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** What the test rows say of the classes. */
export interface ClassReport {
  readonly confusionMatrix: ConfusionMatrix | null;
  /** Which classes precision, recall and f1 are of. */
  readonly averages: string | null;
}

/** The classes in a metrics.json; nulls where there are none, as after a regression. */
export function classReportOf(metricsJson: string | undefined): ClassReport {
  const { confusionMatrix = null, averages = null } = JSON.parse(metricsJson || '{}') as Partial<ClassReport>;
  return { confusionMatrix, averages };
}

/** The matrix as text; a larger one than fits a screen is named instead. */
export function confusionTable({ labels, counts }: ConfusionMatrix): string {
  if (labels.length > MAX_MATRIX_CLASSES) return `confusion matrix: ${labels.length} classes, see metrics.json`;
  const table = new Table({
    head: ['actual \\ predicted', ...labels.map(visible)],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', ...labels.map(() => 'right' as const)],
  });
  counts.forEach((row, index) => {
    table.push([visible(labels[index] ?? ''), ...row.map(String)]);
  });
  return table.toString();
}

/** What the averages are of. */
export function averagesLine(averages: string): string {
  return visible(`precision, recall, f1: ${averages}`);
}

/** What was not as planned on the way to the model. */
export function courseLines({ earlyStopping, skippedSteps }: TrainingCourse): string[] {
  const restored = earlyStopping?.restored ? `the parameters are those of epoch ${earlyStopping.bestEpoch}` : '';
  const stopped = [earlyStopping?.reason ?? '', restored].filter(Boolean).join('; ');
  const steps = `${skippedSteps} step${skippedSteps === 1 ? ' was' : 's were'} skipped: a loss or gradient was not finite`;
  return [...(stopped ? [stopped] : []), ...(skippedSteps > 0 ? [steps] : [])];
}

/** What took the most of a traced run. */
export function traceLine({ slowestPhase, slowestWorker, droppedSpans }: TraceOutcome): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const parts = [
    slowestPhase ? `slowest phase ${slowestPhase.phase} (${percent(slowestPhase.share)} of the steps)` : '',
    slowestWorker ? `slowest worker ${slowestWorker.worker} (computes ${percent(slowestWorker.share)})` : '',
    droppedSpans > 0 ? `the oldest ${droppedSpans} spans are left out` : '',
  ];
  return parts.filter(Boolean).join(', ') || 'no step was run';
}

/** Kinds of bad rows with their counts, for example `cellCount 1, notANumber 2`. */
export function kindsText(byKind: RejectsOutcome['byKind']): string {
  return Object.entries(byKind)
    .map(([kind, rows]) => `${kind} ${rows}`)
    .join(', ');
}

/** How many bad rows were left out, and why. */
export function rejectsLine({ count, byKind }: RejectsOutcome): string {
  if (count === 0) return 'none: every row was used';
  return `${count} bad ${count === 1 ? 'row was' : 'rows were'} left out (${kindsText(byKind)}), listed in rejects.csv`;
}

/** The end summary, several lines. */
export function summaryText(outcome: JobOutcome, { confusionMatrix, averages }: ClassReport): string {
  const lines: string[] = [];
  const metrics = Object.entries(outcome.metrics.test);
  if (metrics.length > 0) {
    lines.push(
      `${pc.bold('test')}       ${metrics.map(([name, value]) => `${name} ${formatNumber(value)}`).join('  ')}`,
    );
  }
  if (averages) lines.push(`${pc.bold('averages')}   ${averagesLine(averages)}`);
  if (confusionMatrix) lines.push(confusionTable(confusionMatrix));
  if (outcome.rejects) lines.push(`${pc.bold('rejects')}    ${rejectsLine(outcome.rejects)}`);
  for (const line of courseLines(outcome)) lines.push(`${pc.bold('training')}   ${line}`);
  if (outcome.trace) lines.push(`${pc.bold('trace')}      ${traceLine(outcome.trace)}`);
  lines.push(`${pc.bold('model')}      ${outcome.model}`);
  lines.push(`${pc.bold('sha-256')}    ${outcome.parametersSha256} (parameters, ${outcome.lanes} lanes)`);
  lines.push(
    `${pc.bold('export')}     largest difference to training's own scores ${outcome.exportDifference.toExponential(1)}`,
  );
  lines.push(
    `${pc.bold('time')}       ${formatDuration(outcome.seconds.total)}, first step after ${formatDuration(outcome.seconds.toFirstStep)}`,
  );
  lines.push(`${pc.bold('next')}       lockstep predict ${shellWord(outcome.model)} NEW.csv --out predictions.csv`);
  return `${lines.join('\n')}\n`;
}
