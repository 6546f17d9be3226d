/** Facts of machines for tests: each is a Linux machine with an NVIDIA GPU that works, but for what is said. */
import type { MachineFacts, NvidiaFacts, VulkanFacts } from '../machine-facts.js';

/** What differs from the machine that works. */
export interface Difference {
  readonly isContainer?: boolean;
  readonly arch?: string;
  readonly displays?: readonly string[];
  readonly offered?: readonly string[];
  readonly providerFiles?: readonly string[];
  readonly nvidia?: Partial<NvidiaFacts>;
  readonly vulkan?: Partial<VulkanFacts>;
}

/** A machine with what differs laid over it. */
export function machine(difference: Difference = {}): MachineFacts {
  const {
    isContainer = false,
    arch = 'x64',
    displays = ['10de:2335'],
    nvidia = {},
    vulkan = {},
    ...onnxRuntime
  } = difference;
  return {
    ...{ platform: 'linux', arch, isContainer, displays },
    cpu: { model: 'Some CPU', cores: 2, ofMachine: 8, memoryBytes: 16 * 2 ** 30 },
    onnxRuntime: {
      offered: ['cpu', 'webgpu', 'cuda'],
      folder: '/app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64',
      providerFiles: ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'],
      ...onnxRuntime,
    },
    nvidia: {
      gpus: [{ name: 'NVIDIA H200', memoryBytes: 139 * 2 ** 30, uuid: 'GPU-8a01', index: 0 }],
      ...{ driverVersion: '560.35.03', deviceFiles: ['nvidia0'], pciCount: 1, libcuda: 'found' },
      ...{ visibleDevices: null, isBusOrder: false },
      ...nvidia,
    },
    vulkan: { loader: 'found', drivers: ['nvidia_icd.json'], ...vulkan },
  };
}

/** A machine on which nothing of NVIDIA shows. */
export const NO_NVIDIA: NvidiaFacts = {
  ...{ gpus: [], driverVersion: '', deviceFiles: [], pciCount: 0, libcuda: 'missing' },
  ...{ visibleDevices: null, isBusOrder: false },
};
