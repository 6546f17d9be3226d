/** Models of GPUs, as a numeric class names them: two models, or two drivers, need not give the same bits. */
import type { MachineFacts } from './machine-facts.js';

/** What of a machine tells its GPUs apart. */
export type GpuIdentity = Pick<MachineFacts, 'displays' | 'nvidia' | 'vulkan'>;

/**
 * The GPUs that a provider may compute on and their driver, such as "NVIDIA-H200,driver-560.35.03"; "unknown" where the
 * machine shows none. Where there are several models nobody says which is taken: all are named, and for CUDA those that
 * the process may see.
 * @param provider "cuda", or another for WebGPU, whose GPUs are named by their ids on the PCI bus and Vulkan's drivers
 */
export function gpuModels(provider: string, { displays, nvidia, vulkan }: GpuIdentity): string {
  const isCuda = provider === 'cuda';
  const models = isCuda
    ? distinct(nvidia.gpus.map(({ name }) => name))
    : [...distinct(displays), ...distinct(vulkan.drivers)];
  if (models.length === 0) return 'unknown';
  const isChosen = isCuda && models.length > 1 && nvidia.visibleDevices !== null;
  const visible = isChosen ? [`visible-${nvidia.visibleDevices}`] : [];
  const driver = nvidia.gpus.length > 0 && nvidia.driverVersion ? [`driver-${nvidia.driverVersion}`] : [];
  const words = [...models, ...visible, ...driver];
  return words.map((word) => word.replace(/[^\w.:+-]+/g, '-')).join(',');
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
