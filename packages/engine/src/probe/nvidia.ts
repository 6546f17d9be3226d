/** Looks for NVIDIA's driver and GPUs on a Linux machine. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GpuFacts, NvidiaFacts } from '../core/machine-facts.js';
import { parseGpuList, parseGpuModel, parseKernelDriver } from '../core/nvidia-texts.js';
import { NVIDIA_SMI_MS } from '../limits.js';
import { probeDisplays } from './displays.js';
import { libraryState } from './library-state.js';
import { namesIn, textOf } from './read-text.js';

const DRIVER = '/proc/driver/nvidia';
const VENDOR = '10de:';

/** Everything of NVIDIA that shows. Nothing of it shows on other systems. */
export async function probeNvidia(): Promise<NvidiaFacts> {
  return {
    gpus: await gpus(),
    driverVersion: parseKernelDriver(textOf(join(DRIVER, 'version'))),
    deviceFiles: namesIn('/dev').filter((name) => /^(nvidia\d+|dxg)$/.test(name)),
    pciCount: probeDisplays().filter((id) => id.startsWith(VENDOR)).length,
    libcuda: await libraryState('libcuda.so.1'),
    visibleDevices: process.env.CUDA_VISIBLE_DEVICES ?? null,
  };
}

async function gpus(): Promise<readonly GpuFacts[]> {
  try {
    const args = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
    const { stdout } = await promisify(execFile)('nvidia-smi', args, { timeout: NVIDIA_SMI_MS });
    return parseGpuList(stdout);
  } catch {
    const folder = join(DRIVER, 'gpus');
    return namesIn(folder).map((name) => parseGpuModel(textOf(join(folder, name, 'information'))));
  }
}
