/** `npm run bench`: what a training step costs, beside PyTorch DDP, the bare engine and what the machine can do at best. */
import { writeFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { measureBareEngine } from './bare-engine.ts';
import { CORES } from './cores.ts';
import { runGrowth } from './growth.ts';
import { keepHistory } from './history.ts';
import { type Limits, measureLimits } from './limits.ts';
import { type BenchOptions, HELP, readOptions, UsageError } from './options.ts';
import { measurePeer, type PeerTimes } from './peer.ts';
import { findTorch } from './python.ts';
import { limitsText, machineText, rowText, thisMachine } from './report.ts';
import { type Repeat, type RowOf, toRow } from './rows.ts';
import { median } from './statistics.ts';
import {
  benchNats,
  measureStart,
  measureStepLoop,
  type NatsPlace,
  type PreparedStore,
  prepareStore,
  type StepLoopTimes,
} from './step-loop.ts';
import { parameterCount, unavailable, type Way, type Workload } from './workloads.ts';

/** Runs the command line. */
export async function main(argv: readonly string[]): Promise<void> {
  // Every child ends with this process.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  try {
    const options = readOptions(argv);
    if (!options) process.stdout.write(HELP);
    else if (options.isGrowth) await runGrowth(options);
    else await run(options);
  } catch (thrown) {
    const { message, fix } = LockstepError.from(thrown);
    process.stderr.write(`${message}${thrown instanceof LockstepError ? ` ${fix}` : ''}\n`);
    process.exitCode = thrown instanceof UsageError ? 2 : 1;
  }
}

/** One row while it is measured. */
interface Measuring {
  readonly workload: Workload;
  readonly of: RowOf;
  readonly prepared: PreparedStore;
  readonly one: StepLoopTimes;
  readonly repeats: Repeat[];
}

async function run(options: BenchOptions): Promise<void> {
  const { workloads, repeats, json } = options;
  const machine = thisMachine();
  const { python, missing } = await findTorch();
  process.stdout.write(machineText(machine));
  process.stdout.write(pinningText());
  if (missing) process.stdout.write(`peer left out: ${missing}\n`);
  const nats = await benchNats();
  const all: Measuring[] = [];
  const limits: Limits[] = [];
  try {
    for (const workload of workloads) all.push(...(await prepareWorkload(nats, workload, options)));
    for (let index = 0; index < repeats; index++) {
      const limit = await measureLimits(nats);
      limits.push(limit);
      for (const workload of workloads) {
        const measured = all.filter((one) => one.workload === workload);
        if (measured.length === 0) continue;
        process.stderr.write(`${workload.name}, repeat ${index + 1} of ${repeats}\n`);
        const loops: Pick<Repeat, 'loop' | 'toFirstStepSeconds'>[] = [];
        for (const { prepared } of measured) {
          const toFirstStepSeconds = await measureStart(nats, prepared);
          loops.push({
            toFirstStepSeconds,
            loop: await measureStepLoop(nats, prepared, options.stepsOf(workload)),
          });
        }
        const peer: PeerTimes | null = python ? await measurePeer(python, workload, options.stepsOf(workload)) : null;
        const bareMs = await measureBareEngine(workload, options.bareMs);
        for (const [at, ours] of loops.entries()) measured[at]?.repeats.push({ ...ours, peer, bareMs, limits: limit });
      }
    }
  } finally {
    await nats.stop();
  }
  const rows = all.map(({ of, repeats: done }) => toRow(of, done));
  process.stdout.write(limitsText(medianLimits(limits)));
  rows.forEach((row, at) => {
    const { of, repeats: done, one } = all[at] as Measuring;
    const two = median(done.map(({ loop }) => loop.samplesPerSecond));
    process.stdout.write(rowText(row, of, done, two / one.samplesPerSecond));
  });
  if (json !== null) {
    const measured = all.map(({ of, one, repeats: done }) => ({ ...of, oneWorker: one, repeats: done }));
    const file = { machine, rows, limits: medianLimits(limits), repeats, measured };
    await writeFile(json, `${JSON.stringify(file)}\n`);
  }
  if (options.isQuick) return;
  for (const loss of await keepHistory(machine, rows)) process.stdout.write(`SLOWER  ${loss}\n`);
}

/** Jobs with their data ready, one for each way that there is, and what one worker makes of them. */
async function prepareWorkload(nats: NatsPlace, workload: Workload, options: BenchOptions): Promise<Measuring[]> {
  const ways: Way[] = options.links.flatMap((link) => options.wires.map((wire) => ({ link, wire })));
  const found: Measuring[] = [];
  for (const way of ways) {
    const name = `${workload.name}, link ${way.link}, wire ${way.wire}`;
    const why = unavailable(workload, way);
    if (why) {
      process.stdout.write(`${name}: not available (${why})\n`);
      continue;
    }
    process.stderr.write(`${name}: prepares data, measures one worker\n`);
    const prepared = await prepareStore(nats, { workload, way });
    const alone = await prepareStore(nats, { workload, way, workers: 1 });
    const one = await measureStepLoop(nats, alone, workload.quickSteps);
    const of = { workload: workload.name, parameters: parameterCount(workload), ...way };
    found.push({ workload, of, prepared, one, repeats: [] });
  }
  return found;
}

function pinningText(): string {
  return CORES.length === 0
    ? 'processes are not pinned here\n'
    : 'workers, the processes of the peer and those of the bare engine are pinned to a core each; coordinator and nats-server are not\n';
}

function medianLimits(limits: readonly Limits[]): Limits {
  const of = (name: keyof Limits): number => median(limits.map((limit) => limit[name]));
  return {
    ...{ memoryCopy: of('memoryCopy'), tcp: of('tcp'), natsFanOut: of('natsFanOut') },
    ...{ grpcToServer: of('grpcToServer'), grpcToClients: of('grpcToClients') },
  };
}
