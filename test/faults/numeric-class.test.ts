/** Workers that compute other bits are told apart when they join: the job neither uses nor follows them. */
import { join } from 'node:path';
import { createEngine } from '@lockstep/engine';
import { expect, it } from 'vitest';
import type { JobDescription, WorkerEntry } from '../../packages/cli/src/job-description.ts';
import { oneUlpOff } from '../support/altered-engine.ts';
import { joinWorker } from '../support/in-process-worker.ts';
import { finish, lastJson, lockstep, ROOT, scratch, seen, startLockstep } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { isHealthy, startCoordinator, startService, startWorker } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');

it('an engine off by one unit in the last place and one of another optimisation level are refused by name', async () => {
  const nats = await startNatsServer();
  const { address } = await startService(nats.address, ['one', 'two']);
  const altered = await joinWorker('altered', address, oneUlpOff(await createEngine()));
  const plain = await startWorker('plain', address, ['--engine-optimisation', 'none']);
  await expect.poll(() => isHealthy(plain.metrics), { timeout: 20_000 }).toBe(true);
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

it('a killed run goes on in another class only with --rebase-numerics, and its result says so', async () => {
  const job = [SPEC, '--set', 'train.epochs=20', '--workers', '1'];
  const out = join(scratch(), 'run');
  const train = startLockstep(['train', ...job, '--out', out]);
  const killed = finish(train);
  await seen(train, 'stderr', 'epoch 3/20', killed);
  train.kill('SIGKILL');
  await killed;
  const nats = await startNatsServer();
  const extra = ['--run-folder', out];
  const { address } = await startCoordinator({ nats: nats.address, extra });
  await startWorker('plain', address, ['--engine-optimisation', 'none']);

  const waiting = startLockstep(['submit', ...job, '--server', address, '--out', join(out, '../waits')]);
  const ended = finish(waiting);
  await seen(waiting, 'stderr', '--rebase-numerics', ended);
  const { job: id, reason } = JSON.parse((await lockstep(['jobs', '--server', address, '--json'])).stdout);
  expect(reason).toMatch(
    /^0 of 1 workers are ready; .* NUMERIC_CLASS_MISMATCH, \S*\/opt=none\/\S* and not \S*\/opt=all\/\S*\. --rebase-numerics/,
  );
  await lockstep(['cancel', id, '--server', address]);
  expect((await ended).code).not.toBe(0);

  const args = ['--server', address, '--out', join(out, '../rebased'), '--rebase-numerics', '--json'];
  const result = await lockstep(['submit', ...job, ...args]);
  const resumed = Number(/from the checkpoint of step (\d+)/.exec(result.stderr)?.[1]);
  expect(resumed, result.stderr).toBeGreaterThan(0);
  const outcome = lastJson(result);
  expect(outcome).toMatchObject({ state: 'succeeded', reproducible: false });
  expect(outcome.numericClass).toMatch(new RegExp(`/opt=none/.*/rebased=${resumed}$`));
});
