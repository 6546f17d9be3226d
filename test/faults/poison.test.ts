/** A lane that ends whoever computes it, against a coordinator in a process of its own: three workers are lost, not all. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TestWorker, type TestWorkerOptions } from '../../packages/coordinator/src/testing/worker.js';
import { lastJson, lockstep, ROOT } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { startCoordinator } from '../support/service.ts';

it('a lane that ends its workers ends three, then the job, which names step, lane and rows', async () => {
  const nats = await startNatsServer();
  const { address } = await startCoordinator({ nats: nats.address });
  const lost = new Set<string>();
  const worker = (name: string): TestWorkerOptions => ({
    fault: ({ step, lanes }) => {
      // A plain loss in another step counts for nothing.
      const dies = (step === 20 && lanes.includes(1)) || (step === 7 && name === 'first');
      if (dies) lost.add(`${name} in step ${step}`);
      // A supervisor starts it again, which shows the coordinator that it had died.
      if (dies && step === 20) void TestWorker.join(address, name, worker(name));
      return dies ? 'die' : null;
    },
  });
  const names = ['first', 'second', 'third', 'fourth', 'fifth'];
  for (const name of names) await TestWorker.join(address, name, worker(name));
  const server = ['--server', address];
  const spec = join(ROOT, 'examples/breast-cancer/job.yaml');
  const submitted = await lockstep(['submit', spec, ...server, '--workers', '5', '--json']);
  const { state, error } = lastJson(submitted);
  expect({ code: submitted.code, state }).toEqual({ code: 1, state: 'failed' });
  expect(error).toMatchObject({ code: 'POISON_LANE', field: 'lane 1' });
  expect(error?.message).toMatch(/^In step 20, lane 1 \(rows 8 to 15 of the 32 of its global batch\) was lost with 3 /);
  expect([...lost].filter((text) => text.endsWith('step 20'))).toHaveLength(3);
  const [, job = ''] = /^job (\S+);/m.exec(submitted.stderr) ?? [];
  const described = await lockstep(['describe', job, ...server]);
  expect(described.stdout).toContain('POISON_LANE');
});
