import { describe, expect, it } from 'vitest';
import { RunQueue } from './run-queue.js';

describe('a run queue', () => {
  it('starts a task once the one before has ended, also where that failed', async () => {
    const queue = new RunQueue();
    const seen: string[] = [];
    const task = (name: string, fails: boolean) => async () => {
      seen.push(`${name} starts`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
    const results = await Promise.allSettled([
      queue.run(task('a', false)),
      queue.run(task('b', true)),
      queue.run(task('c', false)),
    ]);
    expect(seen).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('frees once, after the tasks asked for before', async () => {
    const queue = new RunQueue();
    const seen: string[] = [];
    const run = queue.run(async () => seen.push('run'));
    const closed = [queue.close(() => void seen.push('free')), queue.close(() => void seen.push('free again'))];
    await expect(queue.run(async () => seen.push('late'))).rejects.toMatchObject({ code: 'ENGINE_RUN_FAILED' });
    await Promise.all([run, ...closed]);
    expect(seen).toEqual(['run', 'free']);
  });
});
