import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { probeVulkan } from './vulkan.js';

vi.mock('./library-state.js', () => ({ libraryState: async () => 'found' }));

/** Names of the manifests that count on a system. */
async function driversOn(platform: NodeJS.Platform): Promise<readonly string[]> {
  const asked = vi.spyOn(process, 'platform', 'get').mockReturnValue(platform);
  const { drivers } = await probeVulkan();
  asked.mockRestore();
  return drivers;
}

afterEach(() => void vi.unstubAllEnvs());

it('counts manifests of drivers where WebGPU computes through Vulkan alone', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-home-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, '.local/share/vulkan/icd.d'), { recursive: true });
  for (const name of ['radeon_icd.json', 'notes.txt']) writeFileSync(join(home, '.local/share/vulkan/icd.d', name), '');
  vi.stubEnv('HOME', home);
  vi.stubEnv('VK_DRIVER_FILES', undefined);
  vi.stubEnv('VK_ICD_FILENAMES', undefined);
  expect(await driversOn('linux')).toContain('radeon_icd.json');
  expect(await driversOn('linux')).not.toContain('notes.txt');
  expect(await driversOn('darwin')).toEqual([]);
  vi.stubEnv('VK_ICD_FILENAMES', '/nowhere/MoltenVK_icd.json');
  expect(await driversOn('linux')).toEqual(['MoltenVK_icd.json']);
  expect(await driversOn('darwin')).toEqual([]);
});
