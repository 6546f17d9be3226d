/** The loop as users run it: a nats-server, a coordinator and workers, each a process, and a job whose data is ready. */
import { rmSync } from 'node:fs';
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepClient } from '@lockstep/client';
import { type LocalNats, startNats } from '../packages/cli/src/local/start-nats.js';
import { Child, lockstep } from './child.ts';
import type { CoordinatorReport, CoordinatorTask } from './coordinator-process.ts';
import { CORES, coreOf } from './cores.ts';
import { descendantNamed, type Usage, usageOf } from './proc.ts';
import { cutSteps, type StepTimes } from './step-times.ts';
import { meanOf, meanPhasesMs, type PhaseTotals, parsePhases } from './worker-phases.ts';
import { csvLines, type Extras, specOf, type Way, WORKERS, type Workload } from './workloads.ts';

/** One measurement. */
export interface StepLoopTimes extends StepTimes {
  /** Mean of each of the workers' phases. */
  readonly workerPhasesMs: Readonly<Record<string, number>>;
  /** Private megabytes after the measured steps; of the largest worker. Null where they are not told. */
  readonly workerMemoryMb: number | null;
  readonly coordinatorMemoryMb: number | null;
  /** CPU seconds of a measured step, all processes of a kind together; null where they are not told. */
  readonly cpuSecondsPerStep: {
    readonly coordinator: number | null;
    readonly workers: number | null;
    readonly nats: number | null;
  };
}

/** How a job is run. */
export interface LoopTask {
  readonly workload: Workload;
  readonly way: Way;
  /** @default {@link WORKERS} */
  readonly workers?: number;
  /** What the workers compute with: nothing, where only the orchestration is wanted. @default 'real' */
  readonly engine?: 'real' | 'none';
  readonly extras?: Extras;
  /** Reads what the job tells others while it runs, until what it answers is called. @default nobody looks, and there is no dashboard */
  readonly watch?: (page: WatchedPages) => () => void;
}

/** Addresses that others look at. */
export interface WatchedPages {
  readonly jobId: string;
  /** "host:port" of the coordinator, and of each worker. */
  readonly addresses: readonly string[];
}

/** A job in a store, with its data prepared and nothing computed. */
export interface PreparedStore {
  readonly folder: string;
  readonly jobId: string;
  readonly task: LoopTask;
}

const folders = new Set<string>();
process.once('exit', () => folders.forEach(removeFolder));

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}

/** A folder that goes away with this process. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  folders.add(folder);
  return folder;
}

/** Where it is, and the key of its users. */
export type NatsPlace = Pick<LocalNats, 'url' | 'accountKey'>;

/** A nats-server of the bench's own. */
export function benchNats(): Promise<LocalNats> {
  return startNats({ note: (text) => process.stderr.write(`${text}\n`) });
}

/** Lets a coordinator take a job and prepare its data, and stops it before any worker is there. */
export async function prepareStore(nats: NatsPlace, task: LoopTask): Promise<PreparedStore> {
  const { workload, way, workers = WORKERS, extras } = task;
  const folder = await temporaryFolder();
  const spec = join(folder, 'job.yaml');
  await writeFile(spec, specOf(workload, way, workers, extras));
  await writeFile(join(folder, 'data.csv'), csvLines(workload));
  const store = join(folder, 'store');
  const { child, address } = await startCommand(nats, store);
  try {
    const said = await lockstep(['submit', spec, '--server', await address, '--no-wait', '--json']);
    const { job: jobId } = JSON.parse(said) as { job: string };
    await untilEvent(await address, jobId, ({ stateChanged }) => / training, /.test(stateChanged?.reason ?? ''));
    return { folder: store, jobId, task };
  } finally {
    await child.stop();
  }
}

/** Seconds from the start of a coordinator and its workers to the first committed step. */
export async function measureStart(nats: NatsPlace, prepared: PreparedStore): Promise<number> {
  const store = await copyOf(prepared);
  const startedMs = Date.now();
  const { child, address } = await startCommand(nats, store);
  const workers = startWorkers(prepared.task, []);
  try {
    for (const worker of workers) worker.say(await address);
    const first = untilEvent(await address, prepared.jobId, ({ stepsCommitted }) => Boolean(stepsCommitted));
    const unixSeconds = await Promise.race([first, ...[child, ...workers].map(({ failed }) => failed)]);
    return unixSeconds - startedMs / 1000;
  } finally {
    await Promise.all([child, ...workers].map((one) => one.stop()));
    removeFolder(store);
  }
}

/** Trains a workload on fresh processes. */
export async function measureStepLoop(nats: NatsPlace, prepared: PreparedStore, steps: number): Promise<StepLoopTimes> {
  const { workload, workers: count = WORKERS, watch } = prepared.task;
  const { warmUp } = workload;
  const storeDirectory = await copyOf(prepared);
  const task: CoordinatorTask = { nats, storeDirectory, warmUp, steps, dashboard: watch !== undefined };
  const coordinator = Child.fork<CoordinatorReport>('./coordinator-process.js', JSON.stringify(task));
  const pages = await Promise.all(Array.from({ length: count }, freePort));
  const workers = startWorkers(prepared.task, pages);
  const children = [coordinator, ...workers];
  const failed = Promise.race(children.map((child) => child.failed));
  failed.catch(() => {});
  let unwatch = (): void => {};
  const look = async () => ({
    coordinator: usageOf(coordinator.pid),
    workers: workers.map(({ pid }) => usageOf(pid)),
    nats: usageOf(descendantNamed('nats-server')),
    phases: await Promise.all(pages.map(readPhases)),
  });
  try {
    const warm = coordinator.next('isWarm').then(look);
    const done = coordinator.next('records');
    for (const early of [warm, done]) early.catch(() => {});
    const { address, metricsAddress } = await Promise.race([coordinator.next('address'), failed]);
    const addresses = [metricsAddress, ...pages.map((port) => `127.0.0.1:${port}`)];
    unwatch = watch?.({ jobId: prepared.jobId, addresses }) ?? unwatch;
    for (const worker of workers) worker.say(address);
    const before = await Promise.race([warm, failed]);
    const { records } = await Promise.race([done, failed]);
    const after = await look();
    const means = after.phases.map((totals, index) => meanPhasesMs(before.phases[index] ?? new Map(), totals));
    const perStep = (from: readonly Usage[], to: readonly Usage[]): number | null => {
      const seconds = cpuSecondsOf(to) - cpuSecondsOf(from);
      return Number.isNaN(seconds) ? null : seconds / steps;
    };
    const memory = after.workers.map(({ privateMb }) => privateMb ?? Number.NaN);
    return {
      ...cutSteps(records, warmUp, steps),
      workerPhasesMs: meanOf(means),
      workerMemoryMb: finite(Math.max(...memory)),
      coordinatorMemoryMb: after.coordinator.privateMb,
      cpuSecondsPerStep: {
        coordinator: perStep([before.coordinator], [after.coordinator]),
        workers: perStep(before.workers, after.workers),
        nats: perStep([before.nats], [after.nats]),
      },
    };
  } finally {
    unwatch();
    await Promise.all(children.reverse().map((child) => child.stop()));
    removeFolder(storeDirectory);
  }
}

/** The command users run. */
async function startCommand(nats: NatsPlace, store: string): Promise<{ child: Child; address: Promise<string> }> {
  const args = [
    '--port',
    '0',
    '--metrics-port',
    '0',
    '--nats',
    nats.url,
    '--nats-account-key',
    nats.accountKey,
    '--store',
    store,
    '--log-level',
    'warn',
  ];
  const child = Child.lockstep(['coordinator', ...args, '--exit-with-parent']);
  const address = child.line().then((line) => (JSON.parse(line) as { listening: string }).listening);
  address.catch(() => {});
  return { child, address };
}

/** Workers that load at once and are told the coordinator's address later. */
function startWorkers({ workers = WORKERS, engine }: LoopTask, pages: readonly number[]): Child[] {
  return Array.from({ length: workers }, (_, index) => {
    const core = workers > CORES.length ? undefined : coreOf(index);
    if (engine === 'none')
      return Child.beside('./noop-worker-process.js', [`worker-${index}`, String(pages[index])], core);
    const page = pages[index] === undefined ? [] : ['--metrics-port', String(pages[index])];
    const options = ['--server', '-', '--name', `worker-${index}`, '--device', 'cpu', '--log-level', 'warn'];
    return Child.lockstep(['worker', ...options, ...page, '--exit-with-parent'], core);
  });
}

type JobEvent = Awaited<ReturnType<ReturnType<LockstepClient['watch']>['next']>>['value'];

/** Unix seconds of the first event that is wanted. @throws Error when the job ends before */
async function untilEvent(address: string, jobId: string, isWanted: (event: JobEvent) => boolean): Promise<number> {
  const client = await LockstepClient.connect({ address });
  try {
    for await (const event of client.watch(jobId)) if (isWanted(event)) return event.unixSeconds;
    throw new Error(`job ${jobId} has ended: ${(await client.get(jobId)).reason}`);
  } finally {
    client.close();
  }
}

async function copyOf({ folder }: PreparedStore): Promise<string> {
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true });
  return copy;
}

function cpuSecondsOf(usages: readonly Usage[]): number {
  return usages.reduce((sum, { cpuSeconds }) => sum + (cpuSeconds ?? Number.NaN), 0);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

async function readPhases(port: number): Promise<PhaseTotals> {
  return parsePhases(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
}

/** A TCP port of the loopback interface that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
