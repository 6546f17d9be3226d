/** What a machine can compute on: engines, execution providers and devices, and of each that cannot be used why not. */
import { cudaObstacles } from './cuda-obstacles.js';
import {
  type EngineTrial,
  type MachineFacts,
  type Obstacle,
  PROVIDERS,
  type Provider,
  type Trial,
} from './machine-facts.js';
import { isSoftwareOnly, webGpuObstacles } from './webgpu-obstacles.js';

interface Verdict {
  readonly usable: boolean;
  /** Empty where it can be used. */
  readonly obstacles: readonly Obstacle[];
}

/** An engine and what computes for it; its texts are '' where it cannot be loaded. */
export interface EngineRow extends Verdict, Pick<EngineTrial, 'engine' | 'backend'> {
  readonly version: string;
  /** "lockstep", "node_modules" or the folder that it was built in. */
  readonly from: string;
  readonly numericClass: string;
}

/** An execution provider of ONNX Runtime. */
export interface ProviderRow extends Verdict {
  /** ONNX Runtime's name; one of {@link PROVIDERS} where `--device` takes it. */
  readonly provider: string;
  /** '' where it cannot be used. */
  readonly numericClass: string;
  /** Whether the golden lanes gave the same bits twice; null where it cannot be used. */
  readonly reproducible: boolean | null;
  /** What to know of one that can be used; '' for nothing. */
  readonly note: string;
}

/** A device of the machine. */
export interface DeviceRow extends Verdict {
  /** Value of `--device` that uses it. */
  readonly device: Provider;
  readonly name: string;
  /** 0 where nobody says. */
  readonly memoryBytes: number;
  /** Cores of a CPU that may be used, of those that it has; null for others. */
  readonly cores: { readonly usable: number; readonly ofMachine: number } | null;
}

/** All that is there. */
export interface DeviceReport {
  readonly engines: readonly EngineRow[];
  readonly providers: readonly ProviderRow[];
  readonly devices: readonly DeviceRow[];
}

/** What was tried on a machine. */
export interface Trials {
  readonly engines: readonly EngineTrial[];
  readonly providers: Readonly<Record<Provider, Trial>>;
}

/** Says what can be used. */
export function judgeDevices(facts: MachineFacts, trials: Trials): DeviceReport {
  const providers = [
    ...PROVIDERS.map((provider) => providerRow(provider, trials.providers[provider], facts)),
    ...facts.onnxRuntime.offered.filter((name) => !isProvider(name)).map(foreignRow),
  ];
  return { engines: trials.engines.map(engineRow), providers, devices: deviceRows(facts, providers) };
}

/** What stands in the way of a device, where trying it ended with these words. */
export function obstaclesOf(
  provider: Provider,
  facts: MachineFacts,
  refusal: { readonly message: string; readonly fix: string; readonly log: string },
): readonly Obstacle[] {
  if (provider === 'cuda') return cudaObstacles(facts, refusal);
  if (provider === 'webgpu') return webGpuObstacles(facts, refusal);
  return [{ why: refusal.message, fix: refusal.fix }];
}

function isProvider(name: string): name is Provider {
  return (PROVIDERS as readonly string[]).includes(name);
}

/** An engine that was tried, judged. */
export function engineRow({ engine, backend, trial }: EngineTrial): EngineRow {
  if (!trial.usable) {
    const obstacles = [{ why: trial.message, fix: trial.fix }];
    return { engine, backend, version: '', from: '', usable: false, numericClass: '', obstacles };
  }
  const { version, from, numericClass } = trial;
  return { engine, backend, version, from, usable: true, numericClass, obstacles: [] };
}

function providerRow(provider: Provider, trial: Trial, facts: MachineFacts): ProviderRow {
  if (!trial.usable) {
    const obstacles = obstaclesOf(provider, facts, trial);
    return { provider, usable: false, obstacles, numericClass: '', reproducible: null, note: '' };
  }
  const { numericClass, reproducible } = trial;
  const notes = [
    provider === 'webgpu' && isSoftwareOnly(facts.vulkan.drivers) ? 'Vulkan in software, slower than the CPU' : '',
    reproducible ? '' : 'other bits at each run',
  ];
  return {
    ...{ provider, usable: true, obstacles: [], numericClass, reproducible },
    note: notes.filter((note) => note !== '').join('; '),
  };
}

function foreignRow(provider: string): ProviderRow {
  const why = 'ONNX Runtime offers it; no value of --device uses it.';
  return {
    ...{ provider, usable: false, numericClass: '', reproducible: null, note: '' },
    obstacles: [{ why, fix: `Use --device ${PROVIDERS.slice(0, -1).join(', ')} or ${PROVIDERS.at(-1)}.` }],
  };
}

function deviceRows({ cpu, nvidia, vulkan }: MachineFacts, providers: readonly ProviderRow[]): readonly DeviceRow[] {
  const verdict = (device: Provider) => {
    const { usable = false, obstacles = [] } = providers.find(({ provider }) => provider === device) ?? {};
    return { device, usable, obstacles };
  };
  return [
    {
      ...verdict('cpu'),
      name: cpu.model,
      memoryBytes: cpu.memoryBytes,
      cores: { usable: cpu.cores, ofMachine: cpu.ofMachine },
    },
    ...nvidia.gpus.map(({ name, memoryBytes }) => ({ ...verdict('cuda'), name, memoryBytes, cores: null })),
    ...vulkan.drivers.map((name) => ({ ...verdict('webgpu'), name: `Vulkan, ${name}`, memoryBytes: 0, cores: null })),
  ];
}
