/** A worker whose engine computes nothing: what is left of a step is the orchestration. */
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { createEngine, type Engine, type EngineSession, type EngineTensor, identifyNumerics } from '@lockstep/engine';
import { sharedMemory } from '@lockstep/protocol';
import { pino } from 'pino';
import { ShardCache } from '../packages/worker/src/adapters/shard-cache.js';
import { WorkerMetrics } from '../packages/worker/src/metrics.js';
import { serveMetrics } from '../packages/worker/src/metrics-server.js';
import { Worker } from '../packages/worker/src/worker.js';

const SHARD_CACHE_BYTES = 64 * 1024 * 1024;

/** Leaves every output as it is in memory, and those it would have to make empty. */
async function run(_feeds: unknown, fetches: Readonly<Record<string, EngineTensor | null>>) {
  return Object.fromEntries(Object.entries(fetches).flatMap(([name, tensor]) => (tensor ? [[name, tensor]] : [])));
}

/** Memory of the real engine, and graphs that do nothing. */
function withoutCompute(engine: Engine): Engine {
  const session: EngineSession = { inputs: [], outputs: [], run, release: async () => {} };
  return new Proxy(engine, {
    get: (target, key) => {
      if (key === 'createSession') return async () => session;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function work(workerName: string, metricsPort: number): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  process.stdin.once('end', () => process.exit(0));
  const engine = await createEngine({ device: 'cpu' });
  const { name, version, provider } = engine.description;
  const identity = await identifyNumerics(engine, 1);
  const metrics = new WorkerMetrics(workerName, version);
  const worker = new Worker({
    server: (await lines.next()).value ?? '',
    access: {},
    join: {
      ...{ workerName, softwareVersion: version, engine: { name, version, provider, ...identity } },
      ...{ host: hostname(), pid: process.pid, metricsAddress: '' },
    },
    engine: withoutCompute(engine),
    cache: new ShardCache(SHARD_CACHE_BYTES),
    clock: { nowMs: () => performance.now() },
    memory: sharedMemory,
    metrics,
    logger: pino({ level: 'silent' }),
  });
  if (metricsPort > 0)
    await serveMetrics({ host: '127.0.0.1', port: metricsPort }, metrics.registry, () => worker.isServing);
  process.once('SIGTERM', () => worker.stop(0));
  process.exit(await worker.run());
}

await work(process.argv[2] ?? '', Number(process.argv[3] ?? 0));
