/** Lanes that are encoded: the same bits however many workers there are, and when they die, join or are asked in vain. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { notes, onlyCheckpoint, type Run, run } from './testing/checkpointed-run.js';
import { RunningCoordinator } from './testing/running-coordinator.js';
import { TestWorker, type TestWorkerOptions } from './testing/worker.js';

const hash = ({ job }: Run) => job.result?.parametersSha256;
const INT8 = { 'train.gradients': 'int8' };
/** A checkpoint at the start and after each epoch of three steps. */
const SELDOM = { ...INT8, 'run.checkpoints.everySeconds': '1000' };
const backFrom = (run: Run) => notes(run).filter((note) => note.startsWith('REWOUND'));

describe('lanes with residuals', () => {
  it.each(['int8', '{type: topK, fraction: 0.1}'])(
    'have the same bits on any number of workers with %s',
    async (codec) => {
      const set = { 'train.gradients': codec };
      const alone = await run(undefined, set);
      for (const workers of [2, 4]) {
        const all = await run(
          undefined,
          set,
          Array.from({ length: workers }, () => ({})),
        );
        expect(hash(all)).toBe(hash(alone));
        expect(backFrom(all)).toEqual([]);
      }
      expect(hash(alone)).not.toBe(hash(await run()));
    },
  );

  it('go back to the newest checkpoint with a worker that dies, before the first epoch and after it', async () => {
    const calm = await run(undefined, SELDOM);
    for (const [step, checkpoint] of [
      [1, 0],
      [5, 3],
    ]) {
      const dies: TestWorkerOptions = { fault: (command) => (command.step === step ? 'die' : null) };
      const struck = await run(undefined, SELDOM, [{}, dies]);
      expect(hash(struck)).toBe(hash(calm));
      expect(backFrom(struck)).toEqual([
        expect.stringMatching(
          `^REWOUND: goes back from step ${step} to the checkpoint of step ${checkpoint}. What its lanes had not sent is gone: w1 was lost`,
        ),
      ]);
    }
  });

  it('go on from every checkpoint', async () => {
    const straight = await run(undefined, INT8);
    for (const file of readdirSync(straight.folder)) {
      expect(hash(await run(onlyCheckpoint(straight, file), INT8, [{}, {}])), file).toBe(hash(straight));
    }
  });

  it('come to a worker that joins with the next checkpoint', async () => {
    const calm = await run(undefined, SELDOM);
    const running = await RunningCoordinator.start();
    let join = (): void => {};
    const joined = new Promise<void>((resolve) => {
      join = resolve;
    });
    let hold: TestWorkerOptions['hold'];
    const held = new Promise<void>((resolve) => {
      hold = ({ step }) => {
        if (step !== 1) return null;
        resolve();
        return joined;
      };
    });
    await TestWorker.join(running.address, 'w0', { hold: (command) => hold?.(command) ?? null });
    const { id } = await running.submit(undefined, {
      overrides: { ...SELDOM, 'split.validation': '0.2', 'run.workers': '1', 'run.maxWorkers': '2' },
    });
    // All lanes are with the other one by then.
    await held;
    const late = await TestWorker.join(running.address, 'w1');
    await running.events(id, ({ workerChanged: it }) => it?.workerId === 'w1' && it.change === 'ready');
    join();
    const { result } = await running.ended(id);
    expect(result?.parametersSha256).toBe(hash(calm));
    expect(late.commands[0]?.step).toBe(3);
  });

  it('fail on their worker and are tried again there, from the same residual', async () => {
    let times = 0;
    const fails: TestWorkerOptions = { fault: ({ step }) => (step === 4 && times++ < 2 ? 'fail' : null) };
    const mended = await run(undefined, SELDOM, [{}, fails]);
    expect(hash(mended)).toBe(hash(await run(undefined, SELDOM)));
    // Its two lanes failed together, twice; then each is tried alone.
    expect([times, backFrom(mended)]).toEqual([4, []]);
  });
});
