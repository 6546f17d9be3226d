/** Renders docs/metrics.md from the registries of both processes, and keeps the file equal to them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { CoordinatorMetrics } from '@lockstep/coordinator';
import { WorkerMetrics } from '@lockstep/worker';
import type { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

const DOCUMENT = new URL('../docs/metrics.md', import.meta.url);

const INTRODUCTION = `# Metrics

Every Prometheus series of the two kinds of process, each served at \`/metrics\` of its own HTTP port. This file is written from their registries: run \`UPDATE_DOCS=1 npx vitest run --project unit test/metrics-doc.test.ts\` after a change.

- **Process**: \`coordinator\` or \`worker\`. A name that both have means the same in both; labels tell the series apart.
- A histogram has the series \`_bucket\` (with label \`le\`), \`_sum\` and \`_count\`.
- \`transport\` is \`grpc\`, \`nats\` or \`host\` (shared memory: bytes that are read or written in place); \`direction\` is \`in\` or \`out\`, as the process sees it.
`;

interface Series {
  readonly process: string;
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

async function seriesOf(process: string, registry: Registry): Promise<Series[]> {
  const described = await registry.getMetricsAsJSON();
  return described.map(({ name, help, type }) => {
    const { labelNames } = registry.getSingleMetric(name) as unknown as { readonly labelNames: readonly string[] };
    return { process, name, type: String(type), labels: labelNames, help: help.replace(/\.$/, '') };
  });
}

async function allSeries(): Promise<Series[]> {
  const series = [
    ...(await seriesOf('coordinator', new CoordinatorMetrics('0.0.0').registry)),
    ...(await seriesOf('worker', new WorkerMetrics('w0', '0.0.0').registry)),
  ];
  return series.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.process < b.process ? -1 : 1));
}

function markdownOf(series: readonly Series[]): string {
  const head = ['Name', 'Type', 'Labels', 'Process', 'What it counts'];
  const rows = series.map(({ name, type, labels, process, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    process,
    help.replaceAll('|', '\\|'),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((cells) => cells[column]!.length)));
  const lines = [head, widths.map((width) => '-'.repeat(width)), ...rows].map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`,
  );
  return `${INTRODUCTION}\n${lines.join('\n')}\n`;
}

describe('docs/metrics.md', () => {
  it('is the registries, written out', async () => {
    const text = markdownOf(await allSeries());
    if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCUMENT, text);
    expect(readFileSync(DOCUMENT, 'utf8'), 'run this test with UPDATE_DOCS=1').toBe(text);
  });
});

describe('series', () => {
  it('are named lockstep_, in snake case, and counters end in _total', async () => {
    for (const { name, type } of await allSeries()) {
      expect(name).toMatch(/^lockstep(_[a-z]+)+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
    }
  });

  it('that both processes have are of one type and have the same labels', async () => {
    const series = await allSeries();
    const shared = series.filter(({ name }) => series.filter((other) => other.name === name).length === 2);
    expect(shared.length).toBeGreaterThan(0);
    for (const { name, type, labels } of shared) {
      for (const other of series.filter((candidate) => candidate.name === name)) {
        expect({ name, type: other.type, labels: other.labels }).toEqual({ name, type, labels });
      }
    }
  });
});
