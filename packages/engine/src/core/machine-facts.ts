/** What is known of a machine before anybody says what it can compute on. Gathered by `probe/`, judged by `devices.ts`. */

/** Execution providers of ONNX Runtime that `--device` names. */
export const PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const;

/** An execution provider of ONNX Runtime, by the device that it computes on. */
export type Provider = (typeof PROVIDERS)[number];

/** What an engine made of a try: load it, compute the golden lanes. */
export type Trial =
  | {
      readonly usable: true;
      /** Version of the library. */
      readonly version: string;
      /** "lockstep", "node_modules" or the folder that it was built in. */
      readonly from: string;
      readonly numericClass: string;
      readonly reproducible: boolean;
    }
  | {
      readonly usable: false;
      readonly message: string;
      readonly fix: string;
      /** What native libraries wrote to stderr meanwhile; '' where nobody read it. */
      readonly log: string;
    };

/** An engine and what computes for it, as tried here. */
export interface EngineTrial {
  /** Its name in `train.engine`. */
  readonly engine: string;
  /** "c-api" or "binding" of ONNX Runtime; "tensorflow", "tensorflow-gpu" or "cpu" of TensorFlow.js. */
  readonly backend: string;
  readonly trial: Trial;
}

/** How the loader finds a shared library; unknown where nothing here can ask it. */
export type LibraryState = 'found' | 'missing' | 'unknown';

/** One NVIDIA GPU. */
export interface GpuFacts {
  readonly name: string;
  /** 0 where only nvidia-smi could say. */
  readonly memoryBytes: number;
  /** Such as "GPU-5c1a..."; '' where it does not say. */
  readonly uuid: string;
  /** Its place in the order of the bus; null where only nvidia-smi could say. */
  readonly index: number | null;
}

/** What a Linux machine shows of NVIDIA's driver. */
export interface NvidiaFacts {
  readonly gpus: readonly GpuFacts[];
  /** As nvidia-smi says, else the kernel; '' where none is loaded. Containers see the kernel's too, also those without a GPU. */
  readonly driverVersion: string;
  /** Names in /dev that processes reach a GPU by, such as "nvidia0"; "dxg" under Windows. */
  readonly deviceFiles: readonly string[];
  /** NVIDIA's display controllers on the PCI bus, driver or not. */
  readonly pciCount: number;
  /** Of `libcuda.so.1`, the driver's half that processes load. */
  readonly libcuda: LibraryState;
  /** CUDA_VISIBLE_DEVICES; null where it is not set. */
  readonly visibleDevices: string | null;
  /** Whether CUDA counts GPUs in the order of the bus (CUDA_DEVICE_ORDER), not from the fastest on. */
  readonly isBusOrder: boolean;
}

/** What a Linux machine shows of Vulkan, which WebGPU computes on there. */
export interface VulkanFacts {
  /** Of `libvulkan.so.1`. */
  readonly loader: LibraryState;
  /** File names of the driver manifests that the loader reads, such as "nvidia_icd.json". */
  readonly drivers: readonly string[];
}

/** The installed onnxruntime-node. */
export interface OnnxRuntimeFacts {
  /** Providers that its binding lists, by ONNX Runtime's names: more than `--device` knows. */
  readonly offered: readonly string[];
  /** Folder of its native library; '' where it has none for this platform. */
  readonly folder: string;
  /** Files of providers there, such as "libonnxruntime_providers_cuda.so". */
  readonly providerFiles: readonly string[];
}

/** Everything that is asked of a machine. */
export interface MachineFacts {
  /** Node's names of the system and the processor, such as "linux" and "x64". */
  readonly platform: string;
  readonly arch: string;
  readonly isContainer: boolean;
  readonly cpu: {
    readonly model: string;
    /** Cores that this process may use, of those of the machine. */
    readonly cores: number;
    readonly ofMachine: number;
    readonly memoryBytes: number;
  };
  readonly onnxRuntime: OnnxRuntimeFacts;
  /** Display controllers on the PCI bus by the ids of vendor and model, such as "10de:2335". */
  readonly displays: readonly string[];
  readonly nvidia: NvidiaFacts;
  readonly vulkan: VulkanFacts;
}

/** Why something cannot be used, and what to do. */
export interface Obstacle {
  readonly why: string;
  readonly fix: string;
}
