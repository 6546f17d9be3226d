/** A coordinator that takes up what an earlier one on its store began: what is there already is not waited for. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startNatsServer } from '../../../test/support/nats-server.js';
import { EVERY_STEP } from './testing/checkpointed-run.js';
import { RunningCoordinator } from './testing/running-coordinator.js';
import { TestWorker } from './testing/worker.js';

/** Below the wait for all wanted workers that a new job has. */
const PATIENCE_MS = 25_000;

it.each([true, false])(
  'prepares the data of a job again only where its manifest is gone (it is there: %s)',
  async (isThere) => {
    const { second, id, preparations } = await restarted((store, jobId) => {
      if (!isThere) rmSync(join(store, 'jobs', jobId, 'prepared', 'manifest'));
    });
    await TestWorker.join(second.address, 'w1');
    await TestWorker.join(second.address, 'w2');
    expect((await second.ended(id)).state).toBe('JOB_STATE_SUCCEEDED');
    expect(preparations).toHaveLength(isThere ? 0 : 1);
  },
);

it('goes on with the workers that are there, and waits for no others', { timeout: PATIENCE_MS }, async () => {
  const { second, id } = await restarted();
  await TestWorker.join(second.address, 'w1');
  const job = await second.ended(id);
  expect(job.state).toBe('JOB_STATE_SUCCEEDED');
  const running = (await second.events(id)).filter(({ stateChanged }) => stateChanged?.state === 'JOB_STATE_RUNNING');
  expect(running.map(({ stateChanged }) => stateChanged?.reason)).toEqual(['2 workers, 4 lanes', '1 workers, 4 lanes']);
});

/** A second coordinator, without workers, on the store of one that was stopped in the middle of a job for two. */
async function restarted(between: (store: string, jobId: string) => void = () => {}) {
  const nats = (await startNatsServer()).address;
  const first = await RunningCoordinator.start({ nats });
  const { storeDirectory } = first;
  const hold = new Promise<void>(() => {});
  const workers = ['w1', 'w2'].map((name) =>
    TestWorker.join(first.address, name, { hold: ({ step }) => (step > 5 ? hold : null) }),
  );
  await Promise.all(workers);
  const { id } = await first.submit(undefined, { overrides: { ...EVERY_STEP, 'train.epochs': '4' } });
  await first.events(id, ({ epochEnded }) => Boolean(epochEnded));
  await first.stop();
  between(storeDirectory, id);
  const preparations: string[] = [];
  const second = await RunningCoordinator.start({ nats, storeDirectory, onPrepare: () => preparations.push('again') });
  return { second, id, preparations };
}
