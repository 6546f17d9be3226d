import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import type { CheckpointStore } from '../ports.js';
import { checkpointOf } from '../testing/checkpoints.js';
import type { Checkpoint } from './checkpoint.js';
import { Checkpointer } from './checkpointer.js';

/** A store in memory whose disk is full for some steps. */
class FakeStore implements CheckpointStore {
  readonly held = new Set<number>();
  readonly full: ReadonlySet<number>;

  constructor(full: readonly number[] = []) {
    this.full = new Set(full);
  }

  async save({ step }: Checkpoint): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.full.has(step)) throw new LockstepError('DISK_FULL');
    this.held.add(step);
  }

  async newest(): Promise<Checkpoint | null> {
    return null;
  }

  async keep(steps: ReadonlySet<number>): Promise<void> {
    for (const step of this.held) if (!steps.has(step)) this.held.delete(step);
  }
}

function checkpointer(store: FakeStore, resumed: Checkpoint | null = null) {
  const told: string[] = [];
  const now = { ms: 0 };
  const writer = new Checkpointer(
    {
      store,
      clock: { nowMs: () => now.ms, unixSeconds: () => 0 },
      ...{ stepsPerEpoch: 10, everySeconds: 30, keep: 2 },
      onSaved: (step) => told.push(`saved ${step}`),
      onFailed: (step, { code }) => told.push(`${code} ${step}`),
    },
    resumed,
  );
  return { writer, told, now };
}

describe('the checkpointer', () => {
  it('is due after so many seconds, and again after the next', async () => {
    const { writer, now } = checkpointer(new FakeStore());
    now.ms = 29_999;
    expect(writer.isDue).toBe(false);
    now.ms = 30_000;
    expect(writer.isDue).toBe(true);
    await writer.begin(checkpointOf(3));
    expect(writer.isDue).toBe(false);
  });

  it('writes one after the other and keeps the newest, and that of the best epoch', async () => {
    const store = new FakeStore();
    const { writer, told } = checkpointer(store);
    await writer.begin(checkpointOf(10, [0.5]));
    await writer.begin(checkpointOf(20, [0.5, 0.4]));
    for (const step of [30, 40, 45]) await writer.begin(checkpointOf(step, [0.5, 0.4, 0.6, 0.7].slice(0, step / 10)));
    await writer.settled();
    expect(told).toEqual(['saved 10', 'saved 20', 'saved 30', 'saved 40', 'saved 45']);
    expect([...store.held]).toEqual([20, 40, 45]);
  });

  it('writes no state twice, but a step again once its epoch has ended', async () => {
    const { writer, told } = checkpointer(new FakeStore());
    for (const losses of [[], [], [0.5], [0.5]]) await writer.begin(checkpointOf(10, losses));
    await writer.settled();
    expect(told).toEqual(['saved 10', 'saved 10']);
  });

  it('takes no epoch without a loss for the best', async () => {
    const store = new FakeStore();
    const { writer } = checkpointer(store);
    const losses = [Number.NaN, 0.5, Number.NaN, Number.NaN];
    for (const step of [10, 20, 30, 40]) await writer.begin(checkpointOf(step, losses.slice(0, step / 10)));
    await writer.settled();
    expect([...store.held]).toEqual([20, 30, 40]);
  });

  it('goes on after a failure, with the ones before it intact', async () => {
    const store = new FakeStore([20, 30]);
    const { writer, told } = checkpointer(store);
    for (const step of [10, 20, 30, 40]) await writer.begin(checkpointOf(step, [0.5, 0.4, 0.3, 0.2]));
    await writer.settled();
    expect(told).toEqual(['saved 10', 'DISK_FULL 20', 'DISK_FULL 30', 'saved 40']);
    expect([...store.held]).toEqual([10, 40]);
  });

  it('remembers the newest one while none could be written', async () => {
    const { writer } = checkpointer(new FakeStore([0, 5]));
    for (const step of [0, 5]) {
      await writer.begin(checkpointOf(step));
      expect((await writer.newest(() => {}))?.step).toBe(step);
    }
    await writer.begin(checkpointOf(6));
    expect(await writer.newest(() => {})).toBeNull();
  });

  it('writes one again that was damaged, after a return to the one before', async () => {
    const { writer, told } = checkpointer(new FakeStore());
    for (const step of [10, 20]) await writer.begin(checkpointOf(step));
    await writer.newest(() => {});
    await writer.begin(checkpointOf(20));
    await writer.settled();
    expect(told).toEqual(['saved 10', 'saved 20', 'saved 20']);
  });

  it('keeps what the job went on from', async () => {
    const store = new FakeStore();
    store.held.add(10);
    const { writer } = checkpointer(store, checkpointOf(10, [0.5]));
    await writer.begin(checkpointOf(15, [0.5]));
    await writer.settled();
    expect([...store.held]).toEqual([10, 15]);
  });
});
