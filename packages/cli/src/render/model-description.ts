/** A model's description as text. */
import type { ColumnPlan } from '@lockstep/data';
import Table from 'cli-table3';
import pc from 'picocolors';
import type { ModelDescription } from '../model-description.js';
import { cut } from './jobs-table.js';
import { formatNumber } from './progress.js';
import { visible } from './visible.js';

/** Cells of the column with the headings. */
const HEADING = 11;
/** Columns that are shown; --json has all. */
const MAX_COLUMNS = 100;
/** Characters of a list of classes or categories. */
const MAX_LIST = 60;

/** The text, several lines. */
export function modelDescriptionText(model: ModelDescription): string {
  const { label, numbers, columns } = model;
  const more = columns.length > MAX_COLUMNS ? [`and ${columns.length - MAX_COLUMNS} more columns: --json`] : [];
  const lines = [
    heading('model', `${visible(model.model)} (${model.bytes} bytes, ${model.loss})`),
    heading('predicts', visible(`${label.name}${classesText(model)}`)),
    heading('labels', labelsText(model)),
    heading('numbers', `decimal ${quoted(numbers.decimal)}, thousands ${quoted(numbers.thousands)}`),
    heading(
      'missing',
      `cells of nothing or blanks, and ${cut(model.nulls.filter(Boolean).map(quoted).join(' '), MAX_LIST)}`,
    ),
    heading('columns', `${columns.length}, found by name; ${model.featureCount} features`),
    columnTable(model),
    ...more,
    heading('sha-256', `${model.parametersSha256} (parameters)`),
    heading('bits of', model.numericClass),
  ];
  return `${lines.join('\n')}\n`;
}

function heading(name: string, text: string): string {
  return `${pc.bold(name.padEnd(HEADING))}${text}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function classesText({ label }: ModelDescription): string {
  if (label.classes.length === 0) return ', a number';
  const named = label.classes.map((name) => `${quoted(name)}${name === label.positive ? ' (positive)' : ''}`);
  return `: ${cut(named.join(', '), MAX_LIST)}${label.classes.length > 2 ? ` (${label.classes.length} classes)` : ''}`;
}

function labelsText({ label, task }: ModelDescription): string {
  const unusable = label.onUnusable === 'drop' ? 'left out' : 'refused';
  const spelling =
    task === 'regression'
      ? []
      : [
          `blanks around ${label.trim ? 'do not count' : 'count'}`,
          `case ${label.foldCase ? 'does not count' : 'counts'}`,
        ];
  return [...spelling, `rows without a usable one are ${unusable}`].join(', ');
}

function columnTable({ columns }: ModelDescription): string {
  const table = new Table({
    head: ['column', 'type', 'missing', 'becomes'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, type, plan } of columns.slice(0, MAX_COLUMNS)) {
    table.push([name, type, missingText(plan), becomesText(plan)].map(visible));
  }
  return table.toString();
}

function missingText(plan: ColumnPlan): string {
  if (plan.fill === null) return plan.type === 'text' && !plan.drop ? 'as unknown' : 'stays missing';
  if (typeof plan.fill === 'number') return formatNumber(plan.fill);
  return plan.fill === '' ? 'a category' : quoted(plan.fill);
}

function becomesText(plan: ColumnPlan): string {
  if (plan.type === 'text') {
    const categories = plan.categories.map((name) => (name === '' ? '(missing)' : name)).join(' ');
    return `${plan.encode} of ${plan.categories.length}: ${cut(categories, MAX_LIST)}; unknown: ${plan.unknown}`;
  }
  const value = plan.format.type === 'boolean' ? '1 or 0' : 'x';
  return plan.center === 0 && plan.scale === 1
    ? value
    : `(${value} - ${formatNumber(plan.center)}) / ${formatNumber(plan.scale)}`;
}
