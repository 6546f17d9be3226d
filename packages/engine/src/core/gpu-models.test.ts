import { expect, it } from 'vitest';
import { gpuModels } from './gpu-models.js';
import { machine, NO_NVIDIA } from './testing/machines.js';

const gpus = (...names: readonly string[]) =>
  names.map((name, index) => ({ name, memoryBytes: 0, uuid: `GPU-${index}a-${name.length}`, index }));

it.each([
  ['one GPU', machine(), 'NVIDIA-H200,driver-560.35.03'],
  ['two of one model', machine({ nvidia: { gpus: gpus('Tesla T4', 'Tesla T4') } }), 'Tesla-T4,driver-560.35.03'],
  [
    'two models, of which the process may see one',
    machine({ nvidia: { gpus: gpus('NVIDIA H200', 'NVIDIA A10'), visibleDevices: '1' } }),
    'NVIDIA-A10,NVIDIA-H200,visible-1,driver-560.35.03',
  ],
  ['a name with a slash', machine({ nvidia: { gpus: gpus('A/B 1'), driverVersion: '' } }), 'A-B-1'],
  ['no GPU that shows', machine({ nvidia: NO_NVIDIA }), 'unknown'],
])('of CUDA: %s', (_what, facts, models) => {
  expect(gpuModels('cuda', facts)).toBe(models);
});

it.each([
  ['an index in the order of the bus', '1', true, 'NVIDIA-A10'],
  ['two of a model', '2, 1', true, 'NVIDIA-A10'],
  ['an index where the fastest is the first', '1', false, 'NVIDIA-A10,NVIDIA-H200,visible-1'],
  ['a UUID', 'GPU-0a-11', false, 'NVIDIA-H200'],
  ['the beginning of a UUID', 'GPU-2', false, 'NVIDIA-A10'],
  ['the beginning of several UUIDs', 'GPU-', true, 'NVIDIA-A10,NVIDIA-H200,visible-GPU-'],
  ['two models', '0,1', true, 'NVIDIA-A10,NVIDIA-H200,visible-0-1'],
  ['what is hidden behind -1', '0,-1,1', true, 'NVIDIA-H200'],
  ['an index that no GPU has', '7', true, 'NVIDIA-A10,NVIDIA-H200,visible-7'],
  ['a part of a GPU', 'MIG-3f', true, 'NVIDIA-A10,NVIDIA-H200,visible-MIG-3f'],
  ['nothing', '', false, 'unknown'],
  ['no device', '-1', false, 'unknown'],
])('of CUDA on two models: CUDA_VISIBLE_DEVICES names %s', (_what, visibleDevices, isBusOrder, models) => {
  const facts = machine({
    nvidia: { gpus: gpus('NVIDIA H200', 'NVIDIA A10', 'NVIDIA A10'), driverVersion: '', visibleDevices, isBusOrder },
  });
  expect(gpuModels('cuda', facts)).toBe(models);
});

it.each([
  ["NVIDIA's", machine(), '10de:2335,nvidia_icd.json,driver-560.35.03'],
  [
    'another',
    machine({ displays: ['1002:744c'], nvidia: NO_NVIDIA, vulkan: { drivers: ['radeon_icd.json'] } }),
    '1002:744c,radeon_icd.json',
  ],
  [
    'none on the bus',
    machine({ displays: [], nvidia: NO_NVIDIA, vulkan: { drivers: ['lvp_icd.json'] } }),
    'lvp_icd.json',
  ],
  ['none that shows', machine({ displays: [], nvidia: NO_NVIDIA, vulkan: { drivers: [] } }), 'unknown'],
])('of WebGPU: %s', (_what, facts, models) => {
  expect(gpuModels('webgpu', facts)).toBe(models);
});
