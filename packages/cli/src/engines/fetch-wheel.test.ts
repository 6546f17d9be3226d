import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { scratch } from '../local/testing/release-site.js';
import { wheelByPip, wheelFromIndex } from '../local/wheels.js';
import { fetchWheel } from './fetch-wheel.js';

vi.mock('../local/wheels.js', async (original) => ({
  ...(await original<typeof import('../local/wheels.js')>()),
  wheelByPip: vi.fn(),
  wheelFromIndex: vi.fn(),
}));

it('a full disk ends a fetch as what it is, and no other way is tried', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  vi.mocked(wheelFromIndex).mockRejectedValue(full);
  vi.mocked(wheelByPip).mockRejectedValue(new Error('pip finds no room either'));
  const wheel = { project: 'it', version: '1', sha256: '0', bytes: 1, libraries: ['a', 'b'] as const };
  const tools = { compiler: ['c++'] as const, npm: 'npm', python: 'python3', index: 'http://127.0.0.1' };
  const how = { tools, note: () => {}, signal: new AbortController().signal };
  await expect(fetchWheel(wheel, join(scratch(), 'downloads'), how)).rejects.toBe(full);
  expect(wheelByPip).not.toHaveBeenCalled();
});
