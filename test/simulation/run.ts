/** One run: a world from a seed, faults, then none, and the verdict. */
import { Checks } from './checks.ts';
import { Client, DATA_SHA256 } from './client.ts';
import { Cluster, STRANGER } from './cluster.ts';
import { Faults } from './faults.ts';
import { type Options, optionsOf } from './options.ts';
import { oracleOf } from './oracle.ts';
import { Disk } from './world/disk.ts';
import { setEnvironment } from './world/environment.ts';
import { drained, installGlobals } from './world/globals.ts';
import { Process, setWorld, type Violation, World } from './world/kernel.ts';
import { Broker } from './world/nats.ts';
import { Network } from './world/network.ts';
import { SimulatedMemory } from './world/shared-memory.ts';

/** Within this after the faults a step must be committed, and the job must end. */
const STEP_LIMIT_MS = 120_000;
const END_LIMIT_MS = 300_000;
/** More of both where a worker hangs: the product waits long before it gives one up. */
const PATIENCE_MS = 650_000;
/** How long a job that has ended is looked at once more, under a new coordinator. */
const AFTERLIFE_MS = 2_500;

/** Between two looks whether the job has begun. */
const STRANGER_LOOK_MS = 50;

/** How a run went. */
export interface Outcome {
  readonly seed: number;
  readonly options: Options;
  readonly violation: Violation | null;
  readonly traceHash: string;
  readonly traceTail: readonly string[];
  readonly seen: ReadonlyMap<string, number>;
  readonly events: number;
  readonly virtualMs: number;
}

/** Runs a seed. @param canary breaks a check now and then, on purpose */
export async function run(seed: number, options: Options = optionsOf(seed), { canary = false } = {}): Promise<Outcome> {
  const oracle = oracleOf(options.workload);
  const world = new World(seed);
  const network = new Network(world, options);
  const broker = new Broker(world, network, {
    ...{ loss: options.chunkLoss, duplication: options.chunkDuplication, corruption: options.chunkCorruption },
    chunkBytes: options.chunkBytes,
  });
  const disk = new Disk(world, { operationMs: options.diskMs, errorShare: options.diskErrors });
  const memory = new SimulatedMemory();
  const checks = new Checks(world, oracle, memory);
  disk.onName = (path, data) => checks.named(path, data);
  disk.onRemove = (path) => checks.removed(path, disk);
  disk.makeFolder('/store');
  disk.put(`/store/uploads/${DATA_SHA256}`, Buffer.from('y'));
  const cluster = new Cluster(world, {
    disk,
    checks,
    memory,
    workload: oracle.workload,
    computeMs: options.computeMs,
    hiccupShare: options.hiccupShare,
    poison: options,
  });
  const client = new Client(world, oracle, checks, options.poison);
  const clientProcess = new Process('client', 'client');
  const workers = Array.from(
    { length: oracle.workload.spec.run.workers + options.spares },
    (_, index) => `worker-${index}`,
  );
  const faults = new Faults({
    world,
    cluster,
    network,
    broker,
    disk,
    workers,
    crewSize: oracle.workload.spec.run.workers,
    options,
  });
  setWorld(world);
  setEnvironment({ network, servers: new Map(), broker, disk, observer: checks });
  const onRejection = (thrown: unknown): void => {
    world.violate('crash', `nobody handles: ${thrown instanceof Error ? thrown.stack : thrown}`);
  };
  process.on('unhandledRejection', onRejection);
  const restore = installGlobals();
  try {
    cluster.start('coordinator');
    for (const worker of workers) cluster.start(worker);
    world.after(10, 'client', () => void client.run(), clientProcess);
    const cancelMs = options.cancel ? world.draws('faults').between(500, options.safetyMs) : null;
    if (cancelMs !== null)
      world.after(cancelMs, 'cancel', () => void client.cancel(options.isCancelLate), clientProcess);
    // A job whose coordinator starts again before its first checkpoint asks anew what most workers compute.
    if (options.hasStranger && options.coordinatorCrashes === 0) {
      const join = (): void => {
        if (checks.progress > 0) cluster.start(STRANGER);
        else world.after(STRANGER_LOOK_MS, 'stranger', join, null);
      };
      join();
    }
    faults.plan();
    if (canary && world.draws('canary').chance(0.1))
      world.after(1_000, 'canary', () => world.violate('canary', 'on purpose'));
    const settled = (): boolean => client.ended !== null && (cancelMs === null || client.cancelAnswer !== null);
    await world.runUntil(options.safetyMs, settled, drained);
    const patienceMs = faults.end() ? PATIENCE_MS : 0;
    const before = checks.progress;
    const healedMs = world.nowMs;
    await world.runUntil(healedMs + patienceMs + STEP_LIMIT_MS, () => settled() || checks.progress > before, drained);
    if (!settled() && checks.progress === before)
      world.violate('I14', `no step within ${STEP_LIMIT_MS / 1000} s without faults`);
    await world.runUntil(healedMs + patienceMs + END_LIMIT_MS, settled, drained);
    if (!settled()) world.violate('I14', `the job has not ended ${END_LIMIT_MS / 1000} s after the last fault`);
    await world.runUntil(world.nowMs + AFTERLIFE_MS, () => false, drained);
    if (world.draws('faults').chance(0.3)) {
      cluster.kill('coordinator', world.draws('faults').chance(0.5));
      cluster.start('coordinator');
      await world.runUntil(world.nowMs + AFTERLIFE_MS, () => false, drained);
    }
    return {
      ...{ seed, options, violation: world.violation, traceHash: world.traceHash, traceTail: world.traceTail },
      ...{ seen: world.seen, events: world.events, virtualMs: world.nowMs },
    };
  } finally {
    restore();
    process.off('unhandledRejection', onRejection);
    setWorld(null);
    setEnvironment(null);
  }
}
