/** Renders docs/chart-values.md from the comments of the chart's values.yaml, and keeps the file equal to them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const VALUES = new URL('../deploy/k8s/chart/values.yaml', import.meta.url);
const DOCUMENT = new URL('../docs/chart-values.md', import.meta.url);

const INTRODUCTION = `# Values of the chart

Every value of \`deploy/k8s/chart\`. This file is written from the comments of its \`values.yaml\`: run \`UPDATE_DOCS=1 npx vitest run --project unit test/chart-values.test.ts\` after a change. A pool in \`workerPools\` has the keys of \`workerDefaults\`, each with the default that stands there.
`;

interface Described {
  readonly path: string;
  readonly text: string;
}

/** Keys with the comment "# -- TEXT" above them, by their indentation. */
function described(yaml: string): readonly Described[] {
  const found: Described[] = [];
  const parents: string[] = [];
  let text = '';
  for (const line of yaml.split('\n')) {
    const comment = /^ *# -- (.*)$/.exec(line);
    const key = /^( *)([A-Za-z]\w*):/.exec(line);
    if (comment) text = comment[1] ?? '';
    else if (key) {
      parents.length = (key[1]?.length ?? 0) / 2;
      parents.push(key[2] ?? '');
      if (text) found.push({ path: parents.join('.'), text });
      text = '';
    }
  }
  return found;
}

const at = (values: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], values);

/** Keys that hold a value, down to the described ones. */
function leaves(values: unknown, paths: ReadonlySet<string>, path = ''): readonly string[] {
  const isGroup = typeof values === 'object' && values !== null && !Array.isArray(values) && !paths.has(path);
  if (!isGroup) return [path];
  return Object.entries(values).flatMap(([key, value]) => leaves(value, paths, path ? `${path}.${key}` : key));
}

function cell(value: unknown, text: string): string {
  const stated = /@default (.*)$/.exec(text)?.[1];
  return stated ?? `\`${JSON.stringify(value)}\``.replaceAll('|', '\\|');
}

describe('docs/chart-values.md', () => {
  const yaml = readFileSync(VALUES, 'utf8');
  const values: unknown = parse(yaml);
  const keys = described(yaml);

  it('is the comments of values.yaml, written out', () => {
    const rows = keys.map(
      ({ path, text }) => `| \`${path}\` | ${cell(at(values, path), text)} | ${text.replace(/ @default .*$/, '')} |`,
    );
    const table = `${INTRODUCTION}\n| Key | Default | What it is |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
    if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCUMENT, table);
    expect(readFileSync(DOCUMENT, 'utf8'), 'run this test with UPDATE_DOCS=1').toBe(table);
  });

  it('leaves no value without a word', () => {
    const paths = new Set(keys.map(({ path }) => path));
    const bare = leaves(values, paths).filter((path) => !paths.has(path) && !path.startsWith('workerPools.'));
    expect(bare).toEqual([]);
  });
});
