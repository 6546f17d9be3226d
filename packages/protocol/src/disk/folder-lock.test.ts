import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FolderLock, lockFolder } from './folder-lock.js';

/** Above what Linux gives to a process. */
const NO_PID = 2 ** 30;

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-lock-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function lock(directory: string, patienceMs?: number): Promise<FolderLock> {
  return lockFolder(directory, {
    name: 'some.lock',
    heldError: ({ pid, host }) => new Error(`held by ${pid} on ${host}`),
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
}

/** A lock as this process writes it, with other words in it, as if its holder had been killed. */
async function left(directory: string, other: Record<string, unknown> | string): Promise<string> {
  const held = await lock(directory);
  const path = join(directory, 'some.lock');
  const own = JSON.parse(readFileSync(path, 'utf8')) as object;
  held.release();
  writeFileSync(path, typeof other === 'string' ? other : JSON.stringify({ ...own, nonce: 'other', ...other }));
  return path;
}

describe('the lock of a folder', () => {
  it('is held by one, and free after it', async () => {
    const directory = folder();
    const held = await lock(directory);
    await expect(lock(directory)).rejects.toMatchObject({
      message: expect.stringContaining(`held by ${process.pid} on `),
    });
    held.release();
    const again = await lock(directory);
    expect(readdirSync(directory)).toEqual(['some.lock']);
    again.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is taken over from a process that is gone, whose number another has, or that left half a file', async () => {
    for (const other of [{ pid: NO_PID }, { started: '1' }, '{"pid": 12']) {
      const directory = folder();
      await left(directory, other);
      const held = await lock(directory);
      expect(readdirSync(directory)).toEqual(['some.lock']);
      held.release();
    }
  });

  it('is not taken over by several at once', async () => {
    const directory = folder();
    await left(directory, { pid: NO_PID });
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => lock(directory)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('of another machine is held as long as it shows signs of life', async () => {
    const directory = folder();
    const path = await left(directory, { host: 'elsewhere' });
    const refused = lock(directory);
    let second = 0;
    const signs = setInterval(() => utimesSync(path, ++second, second), 100);
    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining('on elsewhere'),
    });
    clearInterval(signs);
    // From now on nobody touches it.
    (await lock(directory, 1000)).release();
  });
});
