import { expect, it, vi } from 'vitest';
import { createEngine } from '../select.js';

vi.mock('@tensorflow/tfjs-layers', () => {
  throw new Error("Cannot find package '@tensorflow/tfjs-layers'");
});

it('an installation without a package of TensorFlow.js says what installs it', async () => {
  await expect(createEngine({ engine: 'tfjs', backend: 'cpu' })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    value: 'tfjs',
    message: expect.stringContaining('TensorFlow.js cannot be loaded'),
    fix: expect.stringMatching(/npm install .*@tensorflow\/tfjs-core\S* .*train\.engine: onnxruntime/),
  });
  expect((await createEngine()).description.name).toBe('onnxruntime');
});
