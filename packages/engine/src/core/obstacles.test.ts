/** What is said of GPUs that cannot be used, on machines of many kinds. */
import { describe, expect, it } from 'vitest';
import { cudaObstacles } from './cuda-obstacles.js';
import { type Difference, machine, NO_NVIDIA } from './testing/machines.js';
import { isSoftwareOnly, webGpuObstacles } from './webgpu-obstacles.js';

interface Case {
  readonly on: string;
  readonly difference: Difference;
  /** What ONNX Runtime threw, and what was on stderr. */
  readonly message?: string;
  readonly log?: string;
  /** Each obstacle's reason and remedy, in order. */
  readonly said: readonly (readonly [RegExp, RegExp])[];
}

const NOT_LOADED = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library';
const absent = (library: string): string =>
  `Failed to load library /app/native/libonnxruntime_providers_cuda.so with error: ${library}: cannot open shared object file: No such file or directory`;

const CUDA: readonly Case[] = [
  {
    on: 'a build without the provider',
    difference: { arch: 'arm64', offered: ['cpu'] },
    said: [[/no CUDA provider for linux arm64/, /Linux x64/]],
  },
  {
    on: 'a machine without a GPU',
    difference: { nvidia: NO_NVIDIA, providerFiles: [] },
    said: [[/^This machine has no NVIDIA GPU\.$/, /device: cpu/]],
  },
  {
    on: 'a container on such a machine',
    difference: { isContainer: true, nvidia: NO_NVIDIA },
    said: [[/container and its host show no NVIDIA GPU/, /device: cpu/]],
  },
  {
    on: 'a container that was given no GPU of its host',
    difference: { isContainer: true, nvidia: { deviceFiles: [], libcuda: 'missing' } },
    said: [
      [/host has NVIDIA's driver 560\.35\.03, but this container was given no GPU/, /--gpus all.*nvidia\.com\/gpu/],
    ],
  },
  {
    on: 'a machine whose driver is not loaded',
    difference: { nvidia: { ...NO_NVIDIA, pciCount: 2 } },
    said: [[/^2 NVIDIA GPUs are there, but NVIDIA's driver is not loaded/, /Install NVIDIA's driver on this machine/]],
  },
  {
    on: 'a machine whose device files were never made',
    difference: { nvidia: { deviceFiles: [] } },
    said: [[/there is no \/dev\/nvidia0/, /nvidia-modprobe/]],
  },
  {
    on: 'a shell that hides every GPU',
    difference: { nvidia: { visibleDevices: '-1' } },
    said: [[/CUDA_VISIBLE_DEVICES is "-1", which hides every GPU/, /Unset it/]],
  },
  {
    on: 'a fresh npm install',
    difference: { providerFiles: [] },
    log: absent('libonnxruntime_providers_shared.so'),
    said: [
      [
        /^libonnxruntime_providers_shared\.so and libonnxruntime_providers_cuda\.so are not in \/app\/node_modules\/onnx/,
        /ONNXRUNTIME_NODE_INSTALL=cuda12 node \/app\/node_modules\/onnxruntime-node\/script\/install\.js/,
      ],
    ],
  },
  {
    on: "a machine without the driver's library and without the provider",
    difference: { nvidia: { libcuda: 'missing' }, providerFiles: ['libonnxruntime_providers_shared.so'] },
    said: [
      [/libcuda\.so\.1 is not found/, /Debian: libcuda1/],
      [/^libonnxruntime_providers_cuda\.so is not in/, /script\/install\.js/],
    ],
  },
  {
    on: 'a container whose runtime mounts no driver, as the loader says',
    difference: { isContainer: true, nvidia: { libcuda: 'unknown' } },
    log: absent('libcuda.so.1'),
    said: [[/libcuda\.so\.1 is not found/, /NVIDIA_DRIVER_CAPABILITIES=compute,utility/]],
  },
  {
    on: 'a machine without cuDNN',
    difference: {},
    log: absent('libcudnn.so.9'),
    said: [
      [/^libcudnn\.so\.9 of cuDNN is not found.* The driver is 560\.35\.03\./, /Install cuDNN 9 .*LD_LIBRARY_PATH/],
    ],
  },
  {
    on: 'a machine without CUDA',
    difference: {},
    log: absent('libcudart.so.12'),
    said: [[/^libcudart\.so\.12 of CUDA is not found/, /Install CUDA 12 /]],
  },
  {
    on: 'an old driver',
    difference: {},
    message: 'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version',
    said: [[/driver is older than the CUDA .* ONNX Runtime: CUDA failure 35/, /525 or newer/]],
  },
  {
    on: 'a full GPU',
    difference: {},
    message: 'CUDA failure 2: out of memory',
    said: [[/memory is full/, /nvidia-smi/]],
  },
  {
    on: 'a GPU that the provider was not built for',
    difference: {},
    message: 'CUDA failure 209: no kernel image is available for execution on the device',
    said: [[/no kernels for this GPU/, /another GPU/]],
  },
  {
    on: 'a provider of another version',
    difference: {},
    log: 'libonnxruntime_providers_cuda.so: undefined symbol: Provider_GetHost2',
    said: [[/does not fit the library/, /same version of ONNX Runtime/]],
  },
  {
    on: 'a machine on which all seems well',
    difference: {},
    message: 'something new',
    said: [[/^ONNX Runtime: something new$/, /nvidia-smi.*docs\/gpu\.md/]],
  },
];

const WEBGPU: readonly Case[] = [
  {
    on: 'a build without the provider',
    difference: { arch: 'arm64', offered: ['cpu', 'cuda'] },
    said: [[/no WebGPU provider for linux arm64/, /device: cpu/]],
  },
  {
    on: 'a bare server',
    difference: { nvidia: NO_NVIDIA, vulkan: { loader: 'missing', drivers: [] } },
    said: [
      [/libvulkan\.so\.1 is not found/, /apt-get install libvulkan1/],
      [/^No Vulkan driver is registered \(no/, /mesa-vulkan-drivers/],
    ],
  },
  {
    on: 'a container with a GPU for CUDA alone',
    difference: { isContainer: true, vulkan: { drivers: [] } },
    said: [[/though there is a GPU/, /NVIDIA_DRIVER_CAPABILITIES=all/]],
  },
  {
    on: 'a Vulkan device that Dawn does not take',
    difference: { vulkan: { drivers: ['lvp_icd.x86_64.json'] } },
    message: 'Failed to get a WebGPU adapter: No supported adapters',
    log: 'Warning: Vulkan shaderUniform*ArrayDynamicIndexing required.\n - While initializing adapter\n',
    said: [[/lacks what WebGPU needs: Vulkan shaderUniform\*ArrayDynamicIndexing required/, /Update its driver/]],
  },
  {
    on: 'a Vulkan without devices',
    difference: {},
    message: 'Failed to get a WebGPU adapter: No supported adapters',
    said: [[/shows no device that WebGPU takes/, /vulkaninfo/]],
  },
  {
    on: 'a machine on which all seems well',
    difference: {},
    message: 'device lost',
    said: [[/^ONNX Runtime: device lost$/, /device: cpu/]],
  },
];

describe('CUDA cannot be used', () => {
  it.each(CUDA)('on $on', ({ difference, message = NOT_LOADED, log = '', said }) => {
    expectSaid(cudaObstacles(machine(difference), { message, log }), said);
  });
});

describe('WebGPU cannot be used', () => {
  it.each(WEBGPU)('on $on', ({ difference, message = '', log = '', said }) => {
    expectSaid(webGpuObstacles(machine(difference), { message, log }), said);
  });
});

it('knows a Vulkan in software by its drivers', () => {
  expect(isSoftwareOnly(['lvp_icd.x86_64.json', 'vk_swiftshader_icd.json'])).toBe(true);
  expect(isSoftwareOnly(['lvp_icd.x86_64.json', 'nvidia_icd.json'])).toBe(false);
  expect(isSoftwareOnly([])).toBe(false);
});

function expectSaid(obstacles: readonly { readonly why: string; readonly fix: string }[], said: Case['said']): void {
  expect(obstacles).toEqual(
    said.map(([why, fix]) => ({ why: expect.stringMatching(why), fix: expect.stringMatching(fix) })),
  );
}
