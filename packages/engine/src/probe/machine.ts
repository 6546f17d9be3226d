/** Asks a machine everything that says what it can compute on. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { machineMemoryBytes, usableCores } from '@lockstep/protocol';
import type { MachineFacts, OnnxRuntimeFacts } from '../core/machine-facts.js';
import { disableTelemetry } from '../onnxruntime/telemetry.js';
import { probeDisplays } from './displays.js';
import { probeNvidia } from './nvidia.js';
import { namesIn, textOf } from './read-text.js';
import { probeVulkan } from './vulkan.js';

/** Files that a container's runtime leaves in it. */
const CONTAINER_FILES = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io'];

/** Reads files, asks the loader and runs nvidia-smi where there is one; computes nothing. */
export async function probeMachine(): Promise<MachineFacts> {
  const { count, ofMachine } = usableCores();
  return {
    platform: process.platform,
    arch: process.arch,
    isContainer: isContainer(),
    cpu: {
      model: cpus()[0]?.model.trim() || 'CPU',
      ...{ cores: count, ofMachine, memoryBytes: machineMemoryBytes() },
    },
    onnxRuntime: await probeOnnxRuntime(),
    displays: probeDisplays(),
    nvidia: await probeNvidia(),
    vulkan: await probeVulkan(),
  };
}

function isContainer(): boolean {
  return (
    CONTAINER_FILES.some((path) => existsSync(path)) ||
    process.env.KUBERNETES_SERVICE_HOST !== undefined ||
    /docker|kubepods|containerd|libpod|lxc/.test(textOf('/proc/1/cgroup'))
  );
}

async function probeOnnxRuntime(): Promise<OnnxRuntimeFacts> {
  try {
    disableTelemetry();
    const { listSupportedBackends } = await import('onnxruntime-node');
    const folder = libraryFolder();
    return {
      offered: listSupportedBackends().map(({ name }) => name),
      folder,
      providerFiles: namesIn(folder).filter((name) => name.includes('onnxruntime_providers_')),
    };
  } catch {
    return { offered: [], folder: '', providerFiles: [] };
  }
}

function libraryFolder(): string {
  const root = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin');
  const folders = namesIn(root).map((abi) => join(root, abi, process.platform, process.arch));
  return folders.find((folder) => existsSync(folder)) ?? '';
}
