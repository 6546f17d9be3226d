/** Reads what NVIDIA's driver and nvidia-smi write. */
import type { GpuFacts } from './machine-facts.js';

const MEBIBYTE = 2 ** 20;

/** The version in /proc/driver/nvidia/version, such as "560.35.03"; '' where there is none. */
export function parseKernelDriver(text: string): string {
  return /Kernel Module.*?\s(\d+\.\d[\d.]*)\s/.exec(text)?.[1] ?? '';
}

/** A GPU of /proc/driver/nvidia/gpus/ADDRESS/information, which says nothing of memory. */
export function parseGpuModel(text: string): GpuFacts {
  return { name: /^Model:\s*(.*\S)/m.exec(text)?.[1] ?? 'NVIDIA GPU', memoryBytes: 0 };
}

/** Lines "name, MiB" of nvidia-smi; what it says in other words, such as of a GPU that does not answer, is left out. */
export function parseGpuList(text: string): readonly GpuFacts[] {
  return text.split('\n').flatMap((line) => {
    const [, name, memory] = /^(.+),\s*(\d+|\[N\/A\])\s*$/.exec(line) ?? [];
    if (!name) return [];
    const mebibytes = Number(memory);
    return [{ name, memoryBytes: Number.isFinite(mebibytes) ? mebibytes * MEBIBYTE : 0 }];
  });
}
