/** A profile as one HTML page. */
import type { Bar, ColumnProfile, Finding, TableProfile } from '@lockstep/data';
import { counted } from './counted.js';
import { escaped, head, page, rowHead, section } from './page.js';

const BAR_WIDTH = 12;
const CHART_HEIGHT = 60;

/** The page; everything that comes from the table is escaped. */
export function profilePage(profile: TableProfile): string {
  const { name, columns, classes, label, associations, findings, warnings } = profile;
  const parts = [
    `<h1>${escaped(name)}</h1>`,
    `<p class="soft">${escaped(overview(profile))}</p>`,
    ...warnings.map((warning) => `<p>${escaped(warning)}</p>`),
    '<h2>Findings</h2>',
    findings.length > 0 ? findingList(findings) : '<p>Nothing stands out.</p>',
    ...(classes.length > 0 ? [section('classes', `Classes of ${label ?? ''}`, barTable(classes))] : []),
    section('columns', 'Columns', columnTable(columns)),
    ...(associations.length > 0
      ? [section('pairs', 'What says much of each other', associationTable(profile), 'words')]
      : []),
  ];
  return page(`${name}: profile`, parts);
}

function overview({ rowCount, columns, sampleRows, duplicateRows }: TableProfile): string {
  const sample =
    sampleRows < rowCount ? ` Quantiles, bars and associations come from ${sampleRows} evenly spaced rows.` : '';
  const copies = `${duplicateRows.isExact ? '' : 'About '}${duplicateRows.rows} rows repeat an earlier one.`;
  return `${counted(rowCount, 'row')}, ${counted(columns.length, 'column')}. ${copies}${sample}`;
}

function findingList(findings: readonly Finding[]): string {
  const items = findings.map(({ message, fix, yaml }) => {
    const spec = yaml ? ` <code>${escaped(yaml)}</code>` : '';
    return `<li><p>${escaped(message)}</p><p class="fix">${escaped(fix)}${spec}</p></li>`;
  });
  return `<ul class="findings">${items.join('')}</ul>`;
}

function columnTable(columns: readonly ColumnProfile[]): string {
  const heads = ['missing', 'distinct', 'min', '5 %', '25 %', 'median', '75 %', '95 %', 'max', 'mean', 'deviation'];
  const rows = columns.map(({ name, type, missing, distinct, numbers, bars }) => {
    const figures = numbers
      ? [numbers.minimum, ...numbers.quantiles, numbers.maximum, numbers.mean, numbers.deviation]
      : new Array<undefined>(9).fill(undefined);
    const cells = [
      String(missing),
      String(distinct),
      ...figures.map((value) => (value === undefined ? '' : figure(value))),
    ];
    const numeric = cells.map((cell) => `<td class="n">${cell}</td>`).join('');
    return `<tr>${rowHead(name)}<td>${escaped(type)}</td><td>${chart(name, bars)}</td>${numeric}</tr>`;
  });
  return `${head(['column', 'type', 'values', ...heads], heads.length)}<tbody>${rows.join('')}</tbody>`;
}

/** Bars of a column, with what each stands for as a tooltip; '' where there are none. */
function chart(name: string, bars: readonly Bar[]): string {
  if (bars.length === 0) return '';
  const most = Math.max(1, ...bars.map(({ rows }) => rows));
  const shapes = bars.map(({ label, rows }, index) => {
    const height = Math.max(1, Math.round((rows / most) * CHART_HEIGHT));
    const place = `x="${index * BAR_WIDTH}" y="${CHART_HEIGHT - height}" width="${BAR_WIDTH - 2}" height="${height}"`;
    return `<rect ${place}><title>${escaped(`${label}: ${rows} rows`)}</title></rect>`;
  });
  const width = bars.length * BAR_WIDTH;
  const alternative = escaped(`Bars of ${name}, ${bars.length} in all`);
  return `<svg role="img" aria-label="${alternative}" width="${width}" height="${CHART_HEIGHT}" viewBox="0 0 ${width} ${CHART_HEIGHT}">${shapes.join('')}</svg>`;
}

function barTable(bars: readonly Bar[]): string {
  const all = bars.reduce((sum, { rows }) => sum + rows, 0);
  const rows = bars.map(({ label, rows: count }) => {
    const share = ((100 * count) / all).toFixed(1);
    return `<tr>${rowHead(label)}<td class="n">${count}</td><td class="n">${share} %</td></tr>`;
  });
  return `${head(['class', 'rows', 'share'], 2)}<tbody>${rows.join('')}</tbody>`;
}

function associationTable({ associations }: TableProfile): string {
  const rows = associations.map(({ left, right, measure, value }) => {
    const name = measure === 'pearson' ? 'correlation' : "Cramer's V";
    return `<tr>${rowHead(left)}<td>${escaped(right)}</td><td>${escaped(name)}</td><td class="n">${value.toFixed(3)}</td></tr>`;
  });
  return `${head(['column', 'other column', 'measure', 'value'], 1)}<tbody>${rows.join('')}</tbody>`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(5)));
}
