/** Why CUDA cannot be used on a machine, from the facts and from what ONNX Runtime said when it was tried. */
import type { MachineFacts, Obstacle } from './machine-facts.js';

/** What a provider said when it was tried. */
export interface Refusal {
  readonly message: string;
  /** '' where nobody read stderr. */
  readonly log: string;
}

/** Files that ONNX Runtime loads for CUDA; the npm registry does not carry them. */
const PROVIDER_FILES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];
const MISSING_LIBRARY = /(lib[\w.+-]+\.so[.\d]*): cannot open shared object file/;

/** @returns what stands in the way, the first to be mended first; never empty */
export function cudaObstacles(facts: MachineFacts, refusal: Refusal): readonly Obstacle[] {
  const { platform, arch, onnxRuntime } = facts;
  if (!onnxRuntime.offered.includes('cuda')) {
    return [
      {
        why: `The installed onnxruntime-node has no CUDA provider for ${platform} ${arch}.`,
        fix: 'Use a Linux x64 machine with an NVIDIA GPU.',
      },
    ];
  }
  const gpu = gpuObstacle(facts);
  if (gpu) return [gpu];
  const absent = missingLibrary(refusal);
  const found = [driverObstacle(facts, absent), filesObstacle(facts) ?? libraryObstacle(absent, facts)].filter(isThere);
  return found.length > 0 ? found : [saidObstacle(refusal)];
}

function isThere(obstacle: Obstacle | null): obstacle is Obstacle {
  return obstacle !== null;
}

/** Where processes here reach no GPU at all, whatever is installed. */
function gpuObstacle({ nvidia, isContainer }: MachineFacts): Obstacle | null {
  if (nvidia.deviceFiles.length > 0) {
    return nvidia.visibleDevices === '' || nvidia.visibleDevices === '-1'
      ? { why: `CUDA_VISIBLE_DEVICES is "${nvidia.visibleDevices}", which hides every GPU.`, fix: 'Unset it.' }
      : null;
  }
  if (isContainer && nvidia.driverVersion) {
    return {
      why: `The host has NVIDIA's driver ${nvidia.driverVersion}, but this container was given no GPU (no /dev/nvidia0).`,
      fix: 'Start it with --gpus all (NVIDIA Container Toolkit), or in Kubernetes with nvidia.com/gpu among its limits.',
    };
  }
  if (nvidia.driverVersion) {
    return {
      why: `NVIDIA's driver ${nvidia.driverVersion} is loaded, but there is no /dev/nvidia0.`,
      fix: 'Run nvidia-smi as root once, or nvidia-modprobe -c 0 -u: they make the device files.',
    };
  }
  if (nvidia.pciCount > 0) {
    const count = nvidia.pciCount === 1 ? 'An NVIDIA GPU is' : `${nvidia.pciCount} NVIDIA GPUs are`;
    const where = isContainer ? 'on the host' : 'on this machine';
    return {
      why: `${count} there, but NVIDIA's driver is not loaded (no /proc/driver/nvidia).`,
      fix: `Install NVIDIA's driver ${where}, and see that nvidia-smi lists the GPU.`,
    };
  }
  return {
    why: isContainer ? 'This container and its host show no NVIDIA GPU.' : 'This machine has no NVIDIA GPU.',
    fix: 'Use device: cpu, or a machine with an NVIDIA GPU.',
  };
}

/** The library that the loader did not find when the provider's file was loaded; it names the first of several. */
function missingLibrary({ message, log }: Refusal): string {
  return MISSING_LIBRARY.exec(`${log}\n${message}`)?.[1] ?? '';
}

function driverObstacle({ nvidia, isContainer }: MachineFacts, absent: string): Obstacle | null {
  if (nvidia.libcuda !== 'missing' && !absent.startsWith('libcuda.so')) return null;
  return {
    why: "The driver's library libcuda.so.1 is not found.",
    fix: isContainer
      ? 'Start the container with --gpus all and NVIDIA_DRIVER_CAPABILITIES=compute,utility: the runtime mounts it.'
      : "Install the user's half of NVIDIA's driver (Debian: libcuda1), of the version that the kernel has.",
  };
}

function filesObstacle(facts: MachineFacts): Obstacle | null {
  const { onnxRuntime } = facts;
  const absent = PROVIDER_FILES.filter((name) => !onnxRuntime.providerFiles.includes(name));
  if (absent.length === 0) return null;
  const are = absent.length === 1 ? 'is' : 'are';
  return {
    why: `${absent.join(' and ')} ${are} not in ${onnxRuntime.folder}: npm's package comes without.`,
    fix: `Run ${installCommand(facts)}, or use the image lockstep-worker-cuda.`,
  };
}

/** What fetches them, whatever npm thinks of install scripts. */
function installCommand({ onnxRuntime }: MachineFacts): string {
  const script = `${onnxRuntime.folder.replace(/\/bin\/.*$/, '')}/script/install.js`;
  return `ONNXRUNTIME_NODE_INSTALL=cuda12 node ${script}`;
}

/** A library of CUDA or cuDNN that the provider's file needs. */
function libraryObstacle(name: string, { nvidia }: MachineFacts): Obstacle | null {
  if (name === '' || /^lib(cuda\.so|onnxruntime)/.test(name)) return null;
  const part = name.startsWith('libcudnn') ? 'cuDNN' : 'CUDA';
  const major = /\.so\.(\d+)/.exec(name)?.[1] ?? '';
  const driver = nvidia.driverVersion ? ` The driver is ${nvidia.driverVersion}.` : '';
  return {
    why: `${name} of ${part} is not found, which the provider was built with.${driver}`,
    fix: `Install ${part} ${major} (of NVIDIA's packages cudnn9-cuda-12 and cuda-libraries-12-9), and put its folder into LD_LIBRARY_PATH before the command starts.`,
  };
}

/** What CUDA says once its libraries are loaded, by a part of it. */
const SAID: readonly (readonly [RegExp, string, string])[] = [
  [
    /driver version is insufficient|CUDA failure 35\b/i,
    "NVIDIA's driver is older than the CUDA that the provider was built with.",
    'Update the driver: CUDA 12 needs 525 or newer, CUDA 13 needs 580.',
  ],
  [
    /no kernel image is available|CUDA failure 209\b/i,
    'The provider has no kernels for this GPU: it is older or newer than those it was built for.',
    'Use another GPU, or a build of ONNX Runtime for this one.',
  ],
  [
    /no CUDA-capable device|CUDA failure 100\b/i,
    'CUDA finds no GPU that it can use.',
    'See that nvidia-smi lists one, and that CUDA_VISIBLE_DEVICES does not hide it.',
  ],
  [
    /out of memory|CUDA failure 2\b/i,
    "The GPU's memory is full.",
    'End what else computes there (nvidia-smi lists it), or start fewer workers per GPU.',
  ],
  [
    /CUDNN_STATUS_|cudnn.*(version|mismatch)/i,
    'cuDNN does not start: its version is not the one that the provider was built with.',
    'Install cuDNN 9 for the CUDA of the provider.',
  ],
  [
    /version [`'].*not found|undefined symbol/i,
    "The provider's file does not fit the library of onnxruntime-node, or this system's libraries.",
    'Take it of the same version of ONNX Runtime (docs/gpu.md).',
  ],
];

function saidObstacle({ message, log }: Refusal): Obstacle {
  const known = SAID.find(([pattern]) => pattern.test(message) || pattern.test(log));
  if (known) return { why: `${known[1]} ONNX Runtime: ${message}`, fix: known[2] };
  return {
    why: `ONNX Runtime: ${message}`,
    fix: 'See that nvidia-smi lists the GPU, and docs/gpu.md for the versions.',
  };
}
