/** Starts a coordinator and workers as an operator does: processes of their own, joined over the network. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type CommandResult, finish, scratch, startLockstep } from './lockstep.ts';
import { freePort } from './nats-server.ts';

/** Time that anything of a service may take to start or stop on a busy machine. */
const PATIENCE_MS = 20_000;
const POLL_MS = 50;

/** A process of a service. */
export interface ServiceProcess {
  readonly name: string;
  /** "host:port" of /metrics. */
  readonly metrics: string;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<CommandResult>;
}

/** A coordinator with workers that have joined it. */
export interface Service {
  /** "host:port" of gRPC. */
  readonly address: string;
  readonly coordinator: ServiceProcess;
  readonly workers: readonly ServiceProcess[];
}

/** Starts a service on a running NATS; what still runs when the test ends is killed. */
export async function startService(nats: string, workerNames: readonly string[]): Promise<Service> {
  const { address, ...coordinator } = await startCoordinator({ nats });
  const workers = await Promise.all(workerNames.map((name) => startWorker(name, address)));
  for (const worker of workers) await until(`${worker.name} has joined`, () => isHealthy(worker.metrics));
  return { address, coordinator, workers };
}

/** Starts a coordinator; with the port and store of one that is gone, it takes its place. */
export async function startCoordinator(options: {
  readonly nats: string;
  readonly port?: number;
  readonly store?: string;
  /** Further arguments. */
  readonly extra?: readonly string[];
}): Promise<ServiceProcess & { readonly address: string }> {
  const { nats, port = 0, store = join(scratch(), 'store'), extra = [] } = options;
  const child = startLockstep([
    ...['coordinator', '--port', String(port), '--metrics-port', '0', '--nats', `nats://${nats}`],
    ...['--store', store, '--log-level', 'warn', ...extra],
  ]);
  const end = ending('coordinator', child);
  const { listening: address, metrics } = JSON.parse(await firstLine(child)) as { listening: string; metrics: string };
  return { name: 'coordinator', address, metrics, end };
}

/** The samples of a /metrics page whose name and labels start as given, added up; NaN without any. */
export function sumOf(page: string, start: string): number {
  const values = page
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))));
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0);
}

/** A process's /metrics page. */
export async function metricsPage({ metrics }: ServiceProcess): Promise<string> {
  return (await fetch(`http://${metrics}/metrics`)).text();
}

/** Starts a worker of a coordinator. */
export async function startWorker(
  name: string,
  server: string,
  extra: readonly string[] = [],
): Promise<ServiceProcess> {
  const port = await freePort();
  const options = ['--server', server, '--name', name, '--metrics-port', String(port), '--log-level', 'warn'];
  return { name, metrics: `127.0.0.1:${port}`, end: ending(name, startLockstep(['worker', ...options, ...extra])) };
}

/** Collects a process's output from now on and kills it after the test. */
function ending(name: string, child: ChildProcess): ServiceProcess['end'] {
  const ended = finish(child);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return (signal) => {
    child.kill(signal);
    return within(`${name} ends after ${signal}`, ended);
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  const line = new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (piece: string) => {
      text += piece;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('exit', (code) => reject(new Error(`the coordinator ended with ${code}`)));
  });
  return within('the coordinator listens', line);
}

/** Whether a process serves, as the health page at its metrics address says. */
export async function isHealthy(metrics: string): Promise<boolean> {
  return fetch(`http://${metrics}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await sleep(POLL_MS);
  }
}

async function within<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  const timer = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new Error(`not within ${PATIENCE_MS} ms: ${what}`)),
    () => promise,
  );
  return Promise.race([promise, late]).finally(() => timer.abort());
}
