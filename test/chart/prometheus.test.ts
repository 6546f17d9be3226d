/** A real Prometheus reads a real run in which a worker is killed: every query of every board, and every series of an alert, has points. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { BOARDS } from '../../deploy/grafana/boards.ts';
import { lastJson, lockstep, ROOT, scratch } from '../support/lockstep.ts';
import { freePort, startNatsServer } from '../support/nats-server.ts';
import { startService } from '../support/service.ts';
import { tool } from './helm.ts';

const RULES = join(ROOT, 'deploy/prometheus/rules/lockstep.yaml');
const PATIENCE_MS = 60_000;

/** Stands in for NVIDIA's exporter, under the names and labels that it gives: no GPU is needed to see that the queries fit. */
async function startExporter(): Promise<string> {
  const names = ['DCGM_FI_DEV_GPU_UTIL', 'DCGM_FI_DEV_FB_USED', 'DCGM_FI_DEV_POWER_USAGE', 'DCGM_FI_DEV_GPU_TEMP'];
  const page = names.map((name) => `# TYPE ${name} gauge\n${name}{gpu="0",modelName="NVIDIA H100",pod="w-0"} 42\n`);
  const server = createServer((_, response) => response.end(page.join('')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Asks a Prometheus. */
async function ask(server: string, path: string, parameters: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(`http://${server}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  return (await response.json()) as Answer;
}

interface Answer {
  readonly status: string;
  readonly data?: { readonly result: readonly { readonly values: readonly (readonly [number, string])[] }[] };
}

const points = ({ data }: Answer): number =>
  (data?.result ?? []).flatMap(({ values }) => values).filter(([, value]) => Number.isFinite(Number(value))).length;

async function startPrometheus(targets: readonly string[]): Promise<string> {
  const config = join(scratch(), 'prometheus.yaml');
  const scrape = [
    { job_name: 'lockstep', scrape_interval: '200ms', scrape_timeout: '200ms', static_configs: [{ targets }] },
  ];
  writeFileSync(
    config,
    JSON.stringify({ global: { evaluation_interval: '1s' }, rule_files: [RULES], scrape_configs: scrape }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    tool('prometheus'),
    [`--config.file=${config}`, `--storage.tsdb.path=${join(scratch(), 'data')}`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  await until('Prometheus has read every target', async () => {
    const answer = await ask(address, 'query_range', window(Date.now() - 2000, 'sum(up)')).catch(() => null);
    return answer?.data?.result[0]?.values.at(-1)?.[1] === String(targets.length);
  });
  return address;
}

const window = (fromMs: number, query: string): Readonly<Record<string, string>> => ({
  ...{ query, start: String(fromMs / 1000), end: String(Date.now() / 1000), step: '0.5' },
});

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await sleep(100);
  }
}

describe('a Prometheus that reads a run in which a worker is killed', () => {
  it('has points for every query of the boards and every series of the alerts', async () => {
    const nats = await startNatsServer();
    const service = await startService(nats.address, ['north', 'south']);
    const processes = [service.coordinator, ...service.workers];
    const prometheus = await startPrometheus([...processes.map(({ metrics }) => metrics), await startExporter()]);
    const fromMs = Date.now();
    const steps = (): Promise<number> =>
      ask(prometheus, 'query_range', window(fromMs, 'lockstep_steps_total > 50')).then(points);

    const job = lockstep([
      ...['submit', join(ROOT, 'examples/breast-cancer/job.yaml'), '--server', service.address, '--json'],
      ...['--set', 'train.epochs=200', '--set', 'run.link=network', '--out', join(scratch(), 'out')],
    ]);
    await until('some steps are committed', async () => (await steps()) > 0);
    await service.workers[0]?.end('SIGKILL');
    const ended = await job;
    expect(lastJson(ended).state, ended.stderr).toBe('succeeded');
    await sleep(1000);

    const queries = BOARDS.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ queries: of }) => of)));
    const { groups } = parse(readFileSync(RULES, 'utf8')) as {
      groups: readonly { rules: readonly { expr: string }[] }[];
    };
    const ofAlerts = groups.flatMap(({ rules }) =>
      rules.flatMap(({ expr }) => expr.match(/lockstep_\w+(\{[^}]*\})?/g) ?? []),
    );
    const empty: string[] = [];
    for (const query of new Set([...queries.map(([expression]) => expression), ...ofAlerts])) {
      const bound = query.replaceAll('$__rate_interval', '3s').replaceAll(/\$(namespace|instance|worker|pod)/g, '.*');
      const answer = await ask(prometheus, 'query_range', window(fromMs, bound));
      if (points(answer) === 0) empty.push(`${bound}: ${answer.status}`);
    }
    expect(empty).toEqual([]);
  }, 180_000);
});

describe('promtool', () => {
  it('sees each alert fire when it must, and none in an ordinary run', () => {
    const out = execFileSync(tool('promtool'), ['test', 'rules', join(ROOT, 'deploy/prometheus/tests/lockstep.yaml')], {
      encoding: 'utf8',
    });
    expect(out).toContain('SUCCESS');
  });
});
