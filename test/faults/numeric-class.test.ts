/** Workers that compute other bits are told apart when they join: the job neither uses nor follows them. */
import { join } from 'node:path';
import { createEngine, identifyNumerics } from '@lockstep/engine';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import type { JobDescription, WorkerEntry } from '../../packages/cli/src/job-description.ts';
import { ShardCache } from '../../packages/worker/src/adapters/shard-cache.ts';
import { WorkerMetrics } from '../../packages/worker/src/metrics.ts';
import { Worker } from '../../packages/worker/src/worker.ts';
import { oneUlpOff } from '../support/altered-engine.ts';
import { lastJson, lockstep, ROOT, scratch } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { startService, startWorker } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');

/** Joins a worker whose engine is off by one unit in the last place. @returns its numeric class */
async function joinAltered(server: string): Promise<string> {
  const engine = oneUlpOff(await createEngine());
  const { numericClass, reproducible } = await identifyNumerics(engine, 1);
  const worker = new Worker({
    ...{ server, engine, cache: new ShardCache(1e8), metrics: new WorkerMetrics('altered', '0.0.0') },
    join: { workerName: 'altered', engine: { ...engine.description, numericClass, reproducible } },
    clock: { nowMs: () => performance.now() },
    logger: pino({ level: 'silent' }),
  });
  const exit = worker.run();
  onTestFinished(async () => {
    worker.stop(0);
    await exit.catch(() => {});
    await engine.close();
  });
  await expect.poll(() => worker.isServing, { timeout: 20_000 }).toBe(true);
  return numericClass;
}

it('an engine off by one unit in the last place and one of another optimisation level are refused by name', async () => {
  const nats = await startNatsServer();
  const { address } = await startService(nats.address, ['one', 'two']);
  const altered = await joinAltered(address);
  const plain = await startWorker('plain', address, ['--engine-optimisation', 'none']);
  await expect.poll(() => isServing(plain), { timeout: 20_000 }).toBe(true);
  const args = ['--server', address, '--workers', '2', '--out', join(scratch(), 'run'), '--json'];
  const outcome = lastJson(await lockstep(['submit', SPEC, ...args]));
  expect(outcome).toMatchObject({ state: 'succeeded', reproducible: true });
  const described = await lockstep(['describe', outcome.job, '--server', address, '--json']);
  const { workers } = JSON.parse(described.stdout) as JobDescription;
  const refusals = workers.filter(({ change }) => change === 'refused');
  const reasonFor = (numericClass: string): string =>
    `NUMERIC_CLASS_MISMATCH: it is ${numericClass}, the job is ${outcome.numericClass}`;
  const levelNone = outcome.numericClass.replace('/opt=all/', '/opt=none/').replace(/golden=.*/, 'golden=');
  expect(refusals.map(({ worker }) => worker).sort()).toEqual(['altered', 'plain']);
  expect(refusals.find(({ worker }) => worker === 'altered')?.reason).toBe(reasonFor(altered));
  const { reason } = refusals.find(({ worker }) => worker === 'plain') as WorkerEntry;
  expect(reason.startsWith(`NUMERIC_CLASS_MISMATCH: it is ${levelNone}`), reason).toBe(true);
  expect(reason.endsWith(`, the job is ${outcome.numericClass}`), reason).toBe(true);
});

function isServing({ metrics }: { readonly metrics: string }): Promise<boolean> {
  return fetch(`http://${metrics}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
