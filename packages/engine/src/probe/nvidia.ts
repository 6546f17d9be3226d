/** Looks for NVIDIA's driver and GPUs on a Linux machine. */
import { type ExecFileException, execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GpuFacts, NvidiaFacts } from '../core/machine-facts.js';
import { GPU_FIELDS, parseGpuList, parseGpuModel, parseKernelDriver } from '../core/nvidia-texts.js';
import { NVIDIA_SMI_MS } from '../limits.js';
import { probeDisplays } from './displays.js';
import { libraryState } from './library-state.js';
import { namesIn, textOf } from './read-text.js';

const DRIVER = '/proc/driver/nvidia';
const VENDOR = '10de:';

/** Everything of NVIDIA that shows. Nothing of it shows on other systems. */
export async function probeNvidia(): Promise<NvidiaFacts> {
  const { gpus, driverVersion } = parseGpuList(await nvidiaSmi());
  return {
    gpus: gpus.length > 0 ? gpus : gpusOfKernel(),
    driverVersion: driverVersion || parseKernelDriver(textOf(join(DRIVER, 'version'))),
    deviceFiles: namesIn('/dev').filter((name) => /^(nvidia\d+|dxg)$/.test(name)),
    pciCount: probeDisplays().filter((id) => id.startsWith(VENDOR)).length,
    libcuda: await libraryState('libcuda.so.1'),
    visibleDevices: process.env.CUDA_VISIBLE_DEVICES ?? null,
    isBusOrder: process.env.CUDA_DEVICE_ORDER === 'PCI_BUS_ID',
  };
}

/** What nvidia-smi prints, also where it fails for one of several GPUs; '' where there is none. */
function nvidiaSmi(): Promise<string> {
  const args = [`--query-gpu=${GPU_FIELDS}`, '--format=csv,noheader,nounits'];
  return promisify(execFile)('nvidia-smi', args, { timeout: NVIDIA_SMI_MS }).then(
    ({ stdout }) => stdout,
    ({ stdout = '' }: ExecFileException) => stdout,
  );
}

function gpusOfKernel(): readonly GpuFacts[] {
  const folder = join(DRIVER, 'gpus');
  return namesIn(folder).map((name) => parseGpuModel(textOf(join(folder, name, 'information'))));
}
