/** Models of GPUs, as a numeric class names them: two models, or two drivers, need not give the same bits. */
import type { GpuFacts, MachineFacts, NvidiaFacts } from './machine-facts.js';

/** What of a machine tells its GPUs apart. */
export type GpuIdentity = Pick<MachineFacts, 'displays' | 'nvidia' | 'vulkan'>;

/**
 * The GPUs that a provider may compute on and their driver, such as "NVIDIA-H200,driver-560.35.03"; "unknown" where the
 * machine shows none. Of CUDA that is the model which the process may see. Where there are several nobody says which is
 * taken: all of the machine are named, and what the process may see.
 * @param provider "cuda", or another for WebGPU, whose GPUs are named by their ids on the PCI bus and Vulkan's drivers
 */
export function gpuModels(provider: string, { displays, nvidia, vulkan }: GpuIdentity): string {
  const models = provider === 'cuda' ? cudaModels(nvidia) : [...distinct(displays), ...distinct(vulkan.drivers)];
  if (models.length === 0) return 'unknown';
  const driver = nvidia.gpus.length > 0 && nvidia.driverVersion ? [`driver-${nvidia.driverVersion}`] : [];
  const words = [...models, ...driver];
  return words.map((word) => word.replace(/[^\w.:+-]+/g, '-')).join(',');
}

function cudaModels(nvidia: NvidiaFacts): readonly string[] {
  const all = modelsOf(nvidia.gpus);
  if (nvidia.visibleDevices === null) return all;
  const seen = visibleGpus(nvidia, nvidia.visibleDevices);
  const models = seen ? modelsOf(seen) : all;
  return models.length <= 1 ? models : [...all, `visible-${nvidia.visibleDevices}`];
}

/** The GPUs that CUDA_VISIBLE_DEVICES names; null where it is not sure which these are. */
function visibleGpus({ gpus, isBusOrder }: NvidiaFacts, visibleDevices: string): readonly GpuFacts[] | null {
  const words = visibleDevices.split(',').map((word) => word.trim());
  const end = words.indexOf('-1');
  const named = visibleDevices.trim() === '' ? [] : words.slice(0, end < 0 ? words.length : end);
  const seen = named.flatMap((word) => {
    const isIndex = /^\d+$/.test(word);
    if (isIndex && !isBusOrder) return [];
    const found = gpus.filter(({ index, uuid }) => (isIndex ? index === Number(word) : uuid.startsWith(word)));
    return found.length === 1 ? found : [];
  });
  return seen.length === named.length ? seen : null;
}

function modelsOf(gpus: readonly GpuFacts[]): readonly string[] {
  return distinct(gpus.map(({ name }) => name));
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
