import { expect, it, vi } from 'vitest';
import { machine } from './core/testing/machines.js';
import type { Engine } from './engine.js';
import { identifyNumerics } from './numeric-class.js';
import { createEngine } from './select.js';

const nvidia = vi.hoisted(() => ({ name: '' }));
vi.mock('./probe/displays.js', () => ({ probeDisplays: () => [] }));
vi.mock('./probe/vulkan.js', () => ({ probeVulkan: async () => ({ loader: 'missing', drivers: [] }) }));
vi.mock('./probe/nvidia.js', () => ({
  probeNvidia: async () => ({ ...machine().nvidia, gpus: [{ name: nvidia.name, memoryBytes: 0, uuid: '', index: 0 }] }),
}));

/** The class of an engine that says it computes on a provider, on a machine with a GPU. */
async function classOn(provider: string, gpu: string): Promise<string> {
  nvidia.name = gpu;
  const engine = await createEngine();
  const claimed: Engine = { ...engine, description: { ...engine.description, provider } };
  return (await identifyNumerics(claimed, 1)).numericClass;
}

it('two models of GPU are two classes, though their golden lanes be the same; the CPU is of one', async () => {
  expect(await classOn('cuda', 'NVIDIA H200')).toContain('/gpu=NVIDIA-H200,driver-560.35.03/threads=1/');
  expect(await classOn('cuda', 'NVIDIA A10')).toContain('/gpu=NVIDIA-A10,driver-560.35.03/threads=1/');
  expect(await classOn('webgpu', 'NVIDIA A10')).toContain('/gpu=unknown/');
  expect(await classOn('cpu', 'NVIDIA H200')).toBe(await classOn('cpu', 'NVIDIA A10'));
});
