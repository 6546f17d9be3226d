/** Boards and alerts: committed as their sources say, and asking for series that exist. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type BoardOf, buildBoard } from '../deploy/grafana/board.ts';
import { BOARDS } from '../deploy/grafana/boards.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RULES = join(ROOT, 'deploy/prometheus/rules/lockstep.yaml');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly annotations?: { readonly runbook: string };
}

const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);

/** Names of series, as docs/metrics.md has them, and those of histograms. */
function known(): ReadonlySet<string> {
  const rows = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8').matchAll(/^\| `(\w+)` +\| (\w+)/gm);
  const names = [...rows].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['bucket', 'sum', 'count'].map((suffix) => `${name}_${suffix}`) : [name],
  );
  return new Set([...names, ...rules.flatMap(({ record }) => record ?? [])]);
}

const namesIn = (expression: string): readonly string[] => expression.match(/lockstep[_:][\w:]+/g) ?? [];
const queriesOf = ({ rows }: BoardOf): readonly string[] =>
  rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(([expression]) => expression)));

describe('boards', () => {
  const folder = join(ROOT, 'deploy/grafana/dashboards');
  const fileOf = ({ uid }: BoardOf): string => `${uid.replace('lockstep-', '')}.json`;

  it.each(BOARDS.map((board) => [board.title, board] as const))('%s is committed as it is written', (_, board) => {
    const text = `${JSON.stringify(buildBoard(board), null, 2)}\n`;
    const path = join(folder, fileOf(board));
    if (process.env.UPDATE_DOCS === '1') writeFileSync(path, text);
    expect(readFileSync(path, 'utf8'), 'run this test with UPDATE_DOCS=1').toBe(text);
  });

  it('are all the files that are there, each under a name of its own', () => {
    expect(readdirSync(folder).sort()).toEqual(BOARDS.map(fileOf).sort());
    expect(new Set(BOARDS.map(({ uid }) => uid)).size).toBe(BOARDS.length);
  });

  it('ask for series that exist', () => {
    const series = known();
    for (const board of BOARDS) {
      for (const query of queriesOf(board)) {
        const names = namesIn(query);
        expect(names.length > 0 || query.startsWith('DCGM_'), query).toBe(true);
        for (const name of names) expect(series, `${board.title}: ${query}`).toContain(name);
      }
    }
  });

  it('say of each panel what it answers', () => {
    for (const { rows } of BOARDS)
      for (const { panels } of rows) for (const { about } of panels) expect(about).toMatch(/[.?]$/);
  });
});

describe('alerts', () => {
  it('ask for series that exist', () => {
    const series = known();
    for (const { expr } of rules) for (const name of namesIn(expr)) expect(series, expr).toContain(name);
  });

  it('have a runbook each, and a test that sees them fire', () => {
    const tests = readFileSync(join(ROOT, 'deploy/prometheus/tests/lockstep.yaml'), 'utf8');
    expect(alerts.length).toBeGreaterThanOrEqual(8);
    for (const { alert, annotations } of alerts) {
      const text = existsSync(join(ROOT, annotations?.runbook ?? ''))
        ? readFileSync(join(ROOT, annotations!.runbook), 'utf8')
        : '';
      expect(text.split('\n')[0], alert).toBe(`# ${alert}`);
      expect(tests).toMatch(new RegExp(`alertname: ${alert}\n +exp_alerts:\n`));
    }
  });
});
