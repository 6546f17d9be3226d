/** Why WebGPU cannot be used on a machine, from the facts and from what ONNX Runtime said when it was tried. */
import type { Refusal } from './cuda-obstacles.js';
import type { MachineFacts, Obstacle } from './machine-facts.js';

/** Vulkan drivers that compute on the CPU, by a part of their manifests' names. */
const SOFTWARE = /lvp|lavapipe|swiftshader/i;
const NO_ADAPTER = /No supported adapters|Failed to get a WebGPU adapter/i;
/** What Dawn, the WebGPU in ONNX Runtime, says of a Vulkan device that it does not take. */
const DAWN_WARNING = /^Warning: (.*(?:required|not supported|unsupported).*)$/im;

/** Whether all that Vulkan has here computes on the CPU. */
export function isSoftwareOnly(drivers: readonly string[]): boolean {
  return drivers.length > 0 && drivers.every((name) => SOFTWARE.test(name));
}

/** @returns what stands in the way, the first to be mended first; never empty */
export function webGpuObstacles(facts: MachineFacts, refusal: Refusal): readonly Obstacle[] {
  const { platform, arch, onnxRuntime } = facts;
  if (!onnxRuntime.offered.includes('webgpu')) {
    return [
      {
        why: `The installed onnxruntime-node has no WebGPU provider for ${platform} ${arch}.`,
        fix: 'Use device: cpu.',
      },
    ];
  }
  const found = platform === 'linux' ? vulkanObstacles(facts) : [];
  return found.length > 0 ? found : [saidObstacle(refusal)];
}

function vulkanObstacles({ vulkan, isContainer, nvidia }: MachineFacts): readonly Obstacle[] {
  const obstacles: Obstacle[] = [];
  if (vulkan.loader === 'missing') {
    obstacles.push({
      why: "Vulkan's loader libvulkan.so.1 is not found, which WebGPU computes through.",
      fix: 'Install it (Debian and Ubuntu: apt-get install libvulkan1).',
    });
  }
  if (vulkan.drivers.length === 0) {
    const hasGpu = nvidia.deviceFiles.length > 0;
    obstacles.push({
      why: `No Vulkan driver is registered${hasGpu ? ', though there is a GPU' : ''} (no manifest in vulkan/icd.d).`,
      fix:
        isContainer && hasGpu
          ? 'Start the container with NVIDIA_DRIVER_CAPABILITIES=all: the runtime then mounts the driver.'
          : "Install the GPU's Vulkan driver (NVIDIA: with its driver; AMD, Intel and, slowly, the CPU: mesa-vulkan-drivers).",
    });
  }
  return obstacles;
}

function saidObstacle({ message, log }: Refusal): Obstacle {
  const warning = DAWN_WARNING.exec(log)?.[1];
  if (NO_ADAPTER.test(message) || NO_ADAPTER.test(log)) {
    return {
      why: warning
        ? `The Vulkan device lacks what WebGPU needs: ${warning}`
        : 'Vulkan shows no device that WebGPU takes.',
      fix: 'Update its driver, and see what vulkaninfo --summary lists.',
    };
  }
  return { why: `ONNX Runtime: ${message}`, fix: 'See what vulkaninfo --summary lists, or use device: cpu.' };
}
