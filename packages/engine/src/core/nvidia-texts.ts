/** Reads what NVIDIA's driver and nvidia-smi write. */
import type { GpuFacts } from './machine-facts.js';

const MEBIBYTE = 2 ** 20;
/** A GPU that does not say its model. */
const UNNAMED = 'NVIDIA GPU';

/** The version in /proc/driver/nvidia/version, such as "560.35.03"; '' where there is none. */
export function parseKernelDriver(text: string): string {
  return /Kernel Module.*?\s(\d+\.\d[\d.]*)\s/.exec(text)?.[1] ?? '';
}

/** A GPU of /proc/driver/nvidia/gpus/ADDRESS/information, which says nothing of memory. */
export function parseGpuModel(text: string): GpuFacts {
  const said = (field: string): string => new RegExp(`^${field}:\\s*(.*\\S)`, 'm').exec(text)?.[1] ?? '';
  return { name: said('Model') || UNNAMED, memoryBytes: 0, uuid: said('GPU UUID'), index: null };
}

/** Fields that nvidia-smi is asked for, in this order. */
export const GPU_FIELDS = 'index,uuid,memory.total,driver_version,name';
const LINE = /^(\d+|\[.*?\]), (GPU-[^,]+|\[.*?\]), (\d+|\[.*?\]), ([\d.]+|\[.*?\]), (.*\S)\s*$/;

/** What nvidia-smi says. */
export interface GpuList {
  readonly gpus: readonly GpuFacts[];
  /** '' where no GPU says. */
  readonly driverVersion: string;
}

/**
 * Lines of {@link GPU_FIELDS}; what it says in other words is left out. A field that a GPU does not answer, such as
 * "[N/A]" or "[Unknown Error]", leaves the GPU there.
 */
export function parseGpuList(text: string): GpuList {
  const rows = text.split('\n').flatMap((line) => {
    const fields = LINE.exec(line)
      ?.slice(1)
      .map((field) => (field.startsWith('[') ? '' : field));
    if (!fields) return [];
    const [index = '', uuid = '', mebibytes = '', driver = '', name = ''] = fields;
    const gpu = {
      ...{ name: name || UNNAMED, memoryBytes: Number(mebibytes) * MEBIBYTE, uuid },
      index: index === '' ? null : Number(index),
    };
    return [{ gpu, driver }];
  });
  return { gpus: rows.map(({ gpu }) => gpu), driverVersion: rows.find(({ driver }) => driver !== '')?.driver ?? '' };
}
