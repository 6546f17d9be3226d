/** Every rule of engines, kept by WebGPU on Vulkan in software. */
import { describeEngine } from '../contract/engine-contract.ts';
import { useSoftwareVulkan } from '../support/software-vulkan.ts';

useSoftwareVulkan();
describeEngine({
  ...{ engine: 'onnxruntime', adapter: 'binding', device: 'webgpu' },
  skips: { 'event loop': 'the binding runs on the JavaScript thread' },
});
