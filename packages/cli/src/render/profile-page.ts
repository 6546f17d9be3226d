/** A profile as one HTML page that asks for nothing else: styles and bars are in it, scripts and requests are forbidden. */
import type { Bar, ColumnProfile, Finding, TableProfile } from '@lockstep/data';
import { counted } from './counted.js';

const BAR_WIDTH = 12;
const CHART_HEIGHT = 60;

const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --page: #fff; --line: #d8dee4; --box: #f3f5f7; --bar: #3b6fb5; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7eb; --soft: #9aa4af; --page: #15181c; --line: #39414a; --box: #22272e; --bar: #7aa7e0; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 3rem; color: var(--text); background: var(--page); }
h1, h2, p, li, code { overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
.soft { color: var(--soft); }
.findings { padding: 0; margin: 0; list-style: none; } .findings li { padding: .7rem 0; border-top: 1px solid var(--line); } .findings p { margin: 0; } .findings .fix { color: var(--soft); }
code { font: .87em ui-monospace, monospace; color: var(--text); background: var(--box); padding: .1rem .35rem; border-radius: 4px; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
.wide { overflow-x: auto; } .wide:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; } thead th { color: var(--soft); font-size: .87em; white-space: nowrap; vertical-align: bottom; }
tbody th { min-width: 8rem; max-width: 18rem; overflow-wrap: anywhere; } td { white-space: nowrap; }
.words td { white-space: normal; min-width: 8rem; max-width: 18rem; overflow-wrap: anywhere; }
th:first-child, td:first-child { padding-left: 0; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; min-width: 0; }
svg { display: block; } svg rect { fill: var(--bar); }
@media (min-width: 60rem) { .columns tbody th { min-width: 12rem; position: sticky; left: 0; background: var(--page); } }
`;

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
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}: profile</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${parts.join('\n')}
</main>
</body>
</html>
`;
}

/** A heading and the table that it names; what is wider than the screen scrolls by itself, with the keyboard too. */
function section(id: string, heading: string, rows: string, kind = id): string {
  const table = `<table class="${kind}" aria-labelledby="${id}">${rows}</table>`;
  return `<h2 id="${id}">${escaped(heading)}</h2>
<div class="wide" role="region" tabindex="0" aria-labelledby="${id}">${table}</div>`;
}

/** A row of headings. @param count how many of the last ones stand above numbers */
function head(texts: readonly string[], count: number): string {
  const cells = texts.map((text, place) => {
    const isNumber = place >= texts.length - count;
    return `<th scope="col"${isNumber ? ' class="n"' : ''}>${escaped(text)}</th>`;
  });
  return `<thead><tr>${cells.join('')}</tr></thead>`;
}

const rowHead = (text: string): string => `<th scope="row">${escaped(text)}</th>`;

/** Text as HTML; control characters, which HTML does not allow, become a sign. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
  );
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
