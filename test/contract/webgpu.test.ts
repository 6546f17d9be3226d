/** WebGPU on Vulkan in software: what training needs of it. `npm run test:slow` holds it to every rule of engines. */
import { createEngine } from '@lockstep/engine';
import { expect, it } from 'vitest';
import { useSoftwareVulkan } from '../support/software-vulkan.ts';
import { computeLane } from './engine-lane.ts';
import { bitsOf } from './engine-tensors.ts';

const ROWS = 13;
/** Of a tensor's largest element, as between any two engines. */
const TOLERANCE = 1e-4;

useSoftwareVulkan();

it('computes the losses, scores and gradients of a lane as the CPU does, and with the same bits each time', async () => {
  const gpu = await createEngine({ device: 'webgpu' });
  expect(gpu.description).toMatchObject({ name: 'onnxruntime', provider: 'webgpu', adapter: 'binding' });
  const found = await computeLane(gpu, ROWS);
  const expected = await computeLane(await createEngine({ device: 'cpu' }), ROWS);
  for (const [index, vector] of expected.entries()) {
    const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const differences = vector.map((value, at) => Math.abs(value - (found[index]?.[at] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThan(TOLERANCE * largest);
  }
  expect((await computeLane(gpu, ROWS)).map(bitsOf)).toEqual(found.map(bitsOf));
});
