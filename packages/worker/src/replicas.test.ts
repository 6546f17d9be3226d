import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Replicas } from './replicas.js';

describe('Replicas', () => {
  it('runs as many tasks at once as there are replicas, each alone on its own, also after a failure', async () => {
    const replicas = new Replicas(['a', 'b', 'c']);
    const busy = new Set<string>();
    let most = 0;
    const tasks = Array.from({ length: 9 }, (_, task) =>
      replicas.run(async (replica) => {
        expect(busy.has(replica)).toBe(false);
        busy.add(replica);
        most = Math.max(most, busy.size);
        await turn();
        busy.delete(replica);
        if (task % 2 === 0) throw new Error(`task ${task}`);
      }),
    );
    const ends = await Promise.allSettled(tasks);
    expect(ends.map(({ status }) => status)).toEqual(
      Array.from({ length: 9 }, (_, task) => (task % 2 === 0 ? 'rejected' : 'fulfilled')),
    );
    expect(most).toBe(3);
  });
});
