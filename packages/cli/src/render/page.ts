/** Pages that ask for nothing else: styles and drawings are in them, scripts and requests are forbidden. */

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

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A page. @param parts HTML, whose texts are escaped already */
export function page(title: string, parts: readonly string[], style = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}${style}</style>
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
export function section(id: string, heading: string, rows: string, kind = id): string {
  const table = `<table class="${kind}" aria-labelledby="${id}">${rows}</table>`;
  return `<h2 id="${id}">${escaped(heading)}</h2>
<div class="wide" role="region" tabindex="0" aria-labelledby="${id}">${table}</div>`;
}

/** A row of headings. @param count how many of the last ones stand above numbers */
export function head(texts: readonly string[], count: number): string {
  const cells = texts.map((text, place) => {
    const isNumber = place >= texts.length - count;
    return `<th scope="col"${isNumber ? ' class="n"' : ''}>${escaped(text)}</th>`;
  });
  return `<thead><tr>${cells.join('')}</tr></thead>`;
}

/** The heading of a row. */
export const rowHead = (text: string): string => `<th scope="row">${escaped(text)}</th>`;

/** Text as HTML; control characters, which HTML does not allow, become a sign. */
export function escaped(text: string): string {
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
