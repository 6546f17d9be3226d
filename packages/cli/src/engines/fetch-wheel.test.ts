import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { scratch } from '../local/testing/release-site.js';
import { INDEX_FILE, wheelByPip, wheelFromIndex } from '../local/wheels.js';
import { fetchWheel } from './fetch-wheel.js';

vi.mock('../local/wheels.js', async (original) => ({
  ...(await original<typeof import('../local/wheels.js')>()),
  wheelByPip: vi.fn(),
  wheelFromIndex: vi.fn(),
}));

const WHEEL = { project: 'it', version: '1', sha256: '0', bytes: 100, libraries: ['a', 'b'] as const };
const TOOLS = { compiler: ['c++'] as const, npm: 'npm', python: 'python3', index: 'http://127.0.0.1' };

afterEach(() => void vi.useRealTimers());

it('a full disk ends a fetch as what it is, and no other way is tried', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  vi.mocked(wheelFromIndex).mockRejectedValue(full);
  vi.mocked(wheelByPip).mockRejectedValue(new Error('pip finds no room either'));
  const how = { tools: TOOLS, note: () => {}, signal: new AbortController().signal };
  await expect(fetchWheel(WHEEL, join(scratch(), 'downloads'), how)).rejects.toBe(full);
  expect(wheelByPip).not.toHaveBeenCalled();
});

it('tells how much of the wheel is there by what the present way has written', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const folder = scratch();
  const notes: string[] = [];
  const told = async (count: number): Promise<void> => {
    vi.advanceTimersToNextTimer();
    await expect.poll(() => notes.length).toBe(count);
  };
  vi.mocked(wheelFromIndex).mockImplementation(async () => {
    writeFileSync(join(folder, INDEX_FILE), Buffer.alloc(60));
    await told(2);
    throw new Error('the site answered 503');
  });
  vi.mocked(wheelByPip).mockImplementation(async () => {
    mkdirSync(join(folder, 'pip-unpack'));
    writeFileSync(join(folder, 'pip-unpack/it.whl'), Buffer.alloc(45));
    await told(3);
    writeFileSync(join(folder, 'pip-unpack/it.whl'), Buffer.alloc(90));
    writeFileSync(join(folder, 'it.whl'), Buffer.alloc(80));
    await told(4);
    return join(folder, 'it.whl');
  });
  const how = { tools: TOOLS, note: (text: string) => void notes.push(text), signal: new AbortController().signal };
  await fetchWheel(WHEEL, folder, how);
  expect(notes.slice(1)).toEqual(['TensorFlow 1: 60 %', 'TensorFlow 1: 45 %', 'TensorFlow 1: 90 %']);
});
