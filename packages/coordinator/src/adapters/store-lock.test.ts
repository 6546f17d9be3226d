import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockStore } from './store-lock.js';

/** Above what Linux gives to a process. */
const NO_PID = 2 ** 30;

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-lock-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A lock as this process writes it, with other words in it, as if its holder had been killed. */
async function left(directory: string, other: Record<string, unknown> | string): Promise<string> {
  const lock = await lockStore(directory);
  const path = join(directory, 'coordinator.lock');
  const own = JSON.parse(readFileSync(path, 'utf8')) as object;
  await lock.release();
  writeFileSync(path, typeof other === 'string' ? other : JSON.stringify({ ...own, nonce: 'other', ...other }));
  return path;
}

describe('the lock of a store', () => {
  it('is held by one, and free after it', async () => {
    const directory = folder();
    const lock = await lockStore(directory);
    await expect(lockStore(directory)).rejects.toMatchObject({
      ...{ code: 'STORE_IN_USE', field: '--store', value: directory },
      message: expect.stringContaining(`${directory}: process ${process.pid} on `),
    });
    await lock.release();
    const again = await lockStore(directory);
    expect(readdirSync(directory)).toEqual(['coordinator.lock']);
    await again.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is taken over from a process that is gone, whose number another has, or that left half a file', async () => {
    for (const other of [{ pid: NO_PID }, { started: '1' }, '{"pid": 12']) {
      const directory = folder();
      await left(directory, other);
      const lock = await lockStore(directory);
      expect(readdirSync(directory)).toEqual(['coordinator.lock']);
      await lock.release();
    }
  });

  it('is not taken over by several at once', async () => {
    const directory = folder();
    await left(directory, { pid: NO_PID });
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => lockStore(directory)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('of another machine is held as long as it shows signs of life', async () => {
    const directory = folder();
    const path = await left(directory, { host: 'elsewhere' });
    const refused = lockStore(directory);
    let second = 0;
    const signs = setInterval(() => utimesSync(path, ++second, second), 100);
    await expect(refused).rejects.toMatchObject({
      code: 'STORE_IN_USE',
      message: expect.stringContaining('on elsewhere'),
    });
    clearInterval(signs);
    // From now on nobody touches it.
    await (await lockStore(directory, 1000)).release();
  });
});
