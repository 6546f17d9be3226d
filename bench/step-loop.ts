/** The step loop as users run it: a nats-server, a coordinator and workers, each a process, and a job over the network link. */
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '../packages/cli/src/local/start-nats.js';
import { Child, lockstep } from './child.ts';
import type { CoordinatorReport, CoordinatorTask } from './coordinator-process.ts';
import { cutSteps, type StepTimes } from './step-times.ts';
import { meanOf, meanPhasesMs, type PhaseTotals, parsePhases } from './worker-phases.ts';
import { csvOf, specOf, WORKERS, type Workload } from './workloads.ts';

/** One measurement. */
export interface StepLoopTimes extends StepTimes {
  /** Mean of each of the workers' phases. */
  readonly workerPhasesMs: Readonly<Record<string, number>>;
}

/** Trains a workload on fresh processes. */
export async function measureStepLoop(workload: Workload, steps: number): Promise<StepLoopTimes> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const command = new AbortController();
  const cleanUp = (): void => {
    command.abort();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', cleanUp);
  const spec = join(folder, 'job.yaml');
  await writeFile(spec, specOf(workload, workload.warmUp + steps));
  await writeFile(join(folder, 'data.csv'), csvOf(workload));
  const nats = await startNats({ note: (text) => process.stderr.write(`${text}\n`) });
  const children: Child<CoordinatorReport>[] = [];
  try {
    const task: CoordinatorTask = { nats: nats.url, storeDirectory: join(folder, 'store'), warmUp: workload.warmUp };
    const coordinator = Child.fork<CoordinatorReport>('./coordinator-process.js', JSON.stringify(task));
    children.push(coordinator);
    const { address } = await coordinator.next('address');
    const pages = await Promise.all(Array.from({ length: WORKERS }, freePort));
    children.push(...pages.map((port, index) => startWorker(`worker-${index}`, address, port)));
    const failed = Promise.race(children.map((child) => child.failed));
    const warm = coordinator.next('isWarm').then(() => Promise.all(pages.map(readPhases)));
    warm.catch(() => {});
    const submit = ['submit', spec, '--server', address, '--out', join(folder, 'out'), '--quiet'];
    await Promise.race([lockstep(submit, command.signal), failed]);
    const [before, after] = [await warm, await Promise.all(pages.map(readPhases))];
    const answer = coordinator.next('records');
    coordinator.tell({});
    const { records } = await answer;
    const workers = after.map((totals, index) => meanPhasesMs(before[index] ?? new Map(), totals));
    return { ...cutSteps(records, workload.warmUp, steps), workerPhasesMs: meanOf(workers) };
  } finally {
    await Promise.all(children.reverse().map((child) => child.stop()));
    await nats.stop();
    process.off('exit', cleanUp);
    cleanUp();
  }
}

function startWorker(name: string, server: string, metricsPort: number): Child {
  const options = ['--server', server, '--name', name, '--metrics-port', String(metricsPort), '--device', 'cpu'];
  return Child.lockstep(['worker', ...options, '--log-level', 'warn', '--exit-with-parent']);
}

async function readPhases(port: number): Promise<PhaseTotals> {
  return parsePhases(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
}

/** A TCP port of the loopback interface that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
