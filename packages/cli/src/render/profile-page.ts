/** A profile as one HTML page that asks for nothing else: styles and bars are in it, scripts and requests are forbidden. */
import type { Bar, ColumnProfile, Finding, TableProfile } from '@lockstep/data';

const BAR_WIDTH = 12;
const CHART_HEIGHT = 60;

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee4; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } td { overflow-wrap: anywhere; }
code { background: #f2f4f6; padding: .1rem .3rem; border-radius: 3px; overflow-wrap: anywhere; } pre { background: #f2f4f6; padding: .8rem; overflow-x: auto; }
svg rect { fill: #3b6fb5; } .wide { overflow-x: auto; }
@media (prefers-color-scheme: dark) { body { background: #15181c; color: #e4e7eb; } code, pre { background: #22272e; } th, td { border-color: #39414a; } svg rect { fill: #7aa7e0; } }
`;

/** The page; everything that comes from the table is escaped. */
export function profilePage(profile: TableProfile): string {
  const { name, columns, classes, label, associations, findings } = profile;
  const parts = [
    `<h1>${escaped(name)}</h1>`,
    `<p>${escaped(overview(profile))}</p>`,
    ...profile.warnings.map((warning) => `<p>${escaped(warning)}</p>`),
    '<h2>Findings</h2>',
    findings.length > 0 ? findingTable(findings) : '<p>Nothing stands out.</p>',
    ...(classes.length > 0 ? [`<h2>Classes of ${escaped(label ?? '')}</h2>`, barTable(classes)] : []),
    '<h2>Columns</h2>',
    columnTable(columns),
    ...(associations.length > 0 ? ['<h2>What says much of each other</h2>', associationTable(profile)] : []),
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
${parts.join('\n')}
</body>
</html>
`;
}

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
  return `${rowCount} rows, ${columns.length} columns. ${copies}${sample}`;
}

function findingTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ message, fix, yaml }) => {
    const spec = yaml ? `<br><code>${escaped(yaml)}</code>` : '';
    return `<tr><td>${escaped(message)}</td><td>${escaped(fix)}${spec}</td></tr>`;
  });
  return `<table><tr><th>found</th><th>what to do</th></tr>${rows.join('')}</table>`;
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
    return `<tr><td>${escaped(name)}</td><td>${escaped(type)}</td><td>${chart(bars)}</td>${numeric}</tr>`;
  });
  const head = heads.map((text) => `<th class="n">${text}</th>`).join('');
  return `<div class="wide"><table><tr><th>column</th><th>type</th><th></th>${head}</tr>${rows.join('')}</table></div>`;
}

/** Bars of a column, with what each stands for as a tooltip. */
function chart(bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ rows }) => rows));
  const shapes = bars.map(({ label, rows }, index) => {
    const height = Math.max(1, Math.round((rows / most) * CHART_HEIGHT));
    const place = `x="${index * BAR_WIDTH}" y="${CHART_HEIGHT - height}" width="${BAR_WIDTH - 2}" height="${height}"`;
    return `<rect ${place}><title>${escaped(`${label}: ${rows} rows`)}</title></rect>`;
  });
  const width = Math.max(1, bars.length) * BAR_WIDTH;
  return `<svg role="img" width="${width}" height="${CHART_HEIGHT}" viewBox="0 0 ${width} ${CHART_HEIGHT}">${shapes.join('')}</svg>`;
}

function barTable(bars: readonly Bar[]): string {
  const all = bars.reduce((sum, { rows }) => sum + rows, 0);
  const rows = bars.map(({ label, rows: count }) => {
    const share = ((100 * count) / all).toFixed(1);
    return `<tr><td>${escaped(label)}</td><td class="n">${count}</td><td class="n">${share} %</td></tr>`;
  });
  return `<table><tr><th>class</th><th class="n">rows</th><th class="n">share</th></tr>${rows.join('')}</table>`;
}

function associationTable({ associations }: TableProfile): string {
  const rows = associations.map(({ left, right, measure, value }) => {
    const name = measure === 'pearson' ? 'correlation' : 'Cramer&#39;s V';
    return `<tr><td>${escaped(left)}</td><td>${escaped(right)}</td><td>${name}</td><td class="n">${value.toFixed(3)}</td></tr>`;
  });
  return `<table><tr><th>column</th><th>column</th><th>measure</th><th class="n">value</th></tr>${rows.join('')}</table>`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(5)));
}
