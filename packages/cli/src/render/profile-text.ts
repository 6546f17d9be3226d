/** A profile as text for the terminal. */
import type { ColumnProfile, TableProfile } from '@lockstep/data';
import Table from 'cli-table3';
import pc from 'picocolors';
import { counted } from './counted.js';
import { cut } from './jobs-table.js';
import { visible } from './visible.js';

/** Columns, classes and findings that fit a screen; the page and --json have all of them. */
const MAX_COLUMNS = 60;
const MAX_CLASSES = 10;
const MAX_FINDINGS = 40;
const MAX_NAME = 32;

/** All of a profile that fits a terminal. */
export function profileText(profile: TableProfile): string {
  const { columns, classes, findings, warnings } = profile;
  const lines = [
    headline(profile),
    ...warnings.map((warning) => `${pc.bold('note')} ${visible(warning)}`),
    columnTable(columns),
  ];
  if (columns.length > MAX_COLUMNS)
    lines.push(`and ${columns.length - MAX_COLUMNS} more columns: see --html or --json`);
  if (classes.length > 0) lines.push(classLine(profile));
  lines.push('');
  if (findings.length === 0) lines.push('Nothing stands out.');
  for (const { message, fix, yaml } of findings.slice(0, MAX_FINDINGS)) {
    lines.push(`${pc.bold('-')} ${visible(message)}`, `  ${visible(fix)}${yaml ? `  ${pc.bold(visible(yaml))}` : ''}`);
  }
  if (findings.length > MAX_FINDINGS)
    lines.push(`and ${findings.length - MAX_FINDINGS} more findings: see --html or --json`);
  return `${lines.join('\n')}\n`;
}

function headline({ name, rowCount, columns, sampleRows, duplicateRows }: TableProfile): string {
  const sample = sampleRows < rowCount ? `, quantiles and correlations from ${sampleRows} of them` : '';
  const copies = `${duplicateRows.isExact ? '' : 'about '}${duplicateRows.rows} repeated`;
  return `${pc.bold(visible(name))}  ${counted(rowCount, 'row')} (${copies}), ${counted(columns.length, 'column')}${sample}`;
}

function columnTable(columns: readonly ColumnProfile[]): string {
  const table = new Table({
    head: ['column', 'type', 'missing', 'distinct', 'min', '5 %', 'median', '95 %', 'max', 'most frequent'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const { name, type, missing, distinct, numbers, bars } of columns.slice(0, MAX_COLUMNS)) {
    const [low, , median, , high] = numbers?.quantiles ?? [];
    const figures = [numbers?.minimum, low, median, high, numbers?.maximum].map((value) =>
      value === undefined ? '' : figure(value),
    );
    const most = numbers
      ? ''
      : bars
          .slice(0, 3)
          .map(({ label, rows }) => `${cut(visible(label), 16)} ${rows}`)
          .join(', ');
    table.push([cut(visible(name), MAX_NAME), type, String(missing), String(distinct), ...figures, most]);
  }
  return table.toString();
}

function classLine({ label, classes }: TableProfile): string {
  const rows = classes.reduce((sum, found) => sum + found.rows, 0);
  const shares = classes.slice(0, MAX_CLASSES).map((found) => {
    return `${cut(visible(found.label), MAX_NAME)} ${found.rows} (${((100 * found.rows) / rows).toFixed(1)} %)`;
  });
  const rest = classes.length > MAX_CLASSES ? `, and ${classes.length - MAX_CLASSES} more` : '';
  return `${pc.bold('classes')} of ${visible(label ?? '')}: ${shares.join(', ')}${rest}`;
}

/** A number as short as it can be read. */
function figure(value: number): string {
  return String(Number(value.toPrecision(5)));
}
