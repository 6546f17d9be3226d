import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lockStore } from './store-lock.js';

it.each(['coordinator', 'nats'] as const)(
  'the lock of the %s of a store names the store and the process',
  async (who) => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-store-lock-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const store = join(folder, 'a/store');
    const lock = await lockStore(store, who);
    await expect(lockStore(store, who)).rejects.toMatchObject({
      ...{ code: 'STORE_IN_USE', field: '--store', value: store },
      message: expect.stringContaining(`${store}: process ${process.pid} on `),
    });
    lock.release();
    expect(readdirSync(store)).toEqual([]);
  },
);
