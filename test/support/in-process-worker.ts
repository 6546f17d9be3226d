/** A worker inside the test's own process, with an engine that the test may have altered. */
import { type Engine, identifyNumerics } from '@lockstep/engine';
import { sharedMemory } from '@lockstep/protocol';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import { ShardCache } from '../../packages/worker/src/adapters/shard-cache.ts';
import { WorkerMetrics } from '../../packages/worker/src/metrics.ts';
import { Worker } from '../../packages/worker/src/worker.ts';

const CACHE_BYTES = 1e8;
const PATIENCE_MS = 20_000;

/** Joins a worker until the test ends. @returns its numeric class */
export async function joinWorker(name: string, server: string, engine: Engine, memory = sharedMemory): Promise<string> {
  const { numericClass, reproducible } = await identifyNumerics(engine, 1);
  const worker = new Worker({
    ...{ server, access: {}, engine, cache: new ShardCache(CACHE_BYTES), metrics: new WorkerMetrics(name, '0.0.0') },
    join: { workerName: name, engine: { ...engine.description, numericClass, reproducible } },
    memory,
    clock: { nowMs: () => performance.now() },
    logger: pino({ level: 'silent' }),
  });
  const exit = worker.run();
  // A worker whose engine hangs never drains: nobody waits for its end.
  exit.catch(() => {});
  onTestFinished(() => worker.stop(0));
  await expect.poll(() => worker.isServing, { timeout: PATIENCE_MS }).toBe(true);
  return numericClass;
}
