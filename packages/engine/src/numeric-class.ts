/** The numeric class: what decides an engine's bits, in one string. */
import { readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { type GpuIdentity, gpuModels } from './core/gpu-models.js';
import type { Engine } from './engine.js';
import { computeGoldenLanes } from './golden-lane.js';
import { multiplyModel } from './multiply-model.js';
import { probeDisplays } from './probe/displays.js';
import { probeNvidia } from './probe/nvidia.js';
import { probeVulkan } from './probe/vulkan.js';

const SUBNORMAL = 2 ** -130;

/** Who an engine is among others. */
export interface NumericIdentity {
  /**
   * Engine, version, provider, adapter, instruction set, models of GPUs (where it computes on one), threads, optimisation level, denormal probe and the hashes of
   * three golden lanes, for example
   * "onnxruntime-1.30.0/cpu/c-api/x64-avx2/threads=1/opt=all/denormals=kept/golden=5f0e1c2a-77aa0b19-0c9d4e55".
   * Workers with equal strings give equal bits.
   */
  readonly numericClass: string;
  /** Whether the golden lanes gave the same bits a second time. */
  readonly reproducible: boolean;
}

/** Computes the golden lanes twice and names the engine's class. @throws LockstepError ENGINE_LOAD_FAILED, ENGINE_RUN_FAILED */
export async function identifyNumerics(engine: Engine, threads: number): Promise<NumericIdentity> {
  const { name, version, provider, adapter, optimisation } = engine.description;
  const denormals = (await keepsSubnormals(engine, threads)) ? 'kept' : 'flushed';
  const golden = await computeGoldenLanes(engine, threads);
  const gpu = provider === 'cpu' ? [] : [`gpu=${gpuModels(provider, await probeGpus())}`];
  const parts = [`${name}-${version}`, provider, adapter, instructionSet(), ...gpu, `threads=${threads}`];
  return {
    numericClass: [...parts, `opt=${optimisation}`, `denormals=${denormals}`, `golden=${golden.hashes}`].join('/'),
    reproducible: golden.isRepeatable,
  };
}

async function probeGpus(): Promise<GpuIdentity> {
  return { displays: probeDisplays(), nvidia: await probeNvidia(), vulkan: await probeVulkan() };
}

/** The widest vector instructions that float32 kernels choose between; others, such as AMX, leave their bits alone. */
export function instructionSet(): string {
  const flags = cpuFlags();
  const wide = ['avx512f', 'avx2', 'avx'].find((flag) => flags.has(flag));
  if (wide) return `${arch()}-${wide}`;
  return flags.has('sve') ? `${arch()}-sve` : arch();
}

function cpuFlags(): ReadonlySet<string> {
  try {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return new Set(line?.[1]?.split(/\s+/) ?? []);
  } catch {
    return new Set();
  }
}

async function keepsSubnormals(engine: Engine, threads: number): Promise<boolean> {
  const session = await engine.createSession(multiplyModel(), { threads });
  try {
    const one = (value: number) => {
      const data = engine.allocate('float32', 1);
      data[0] = value;
      return { type: 'float32', shape: [1], data } as const;
    };
    const { z } = await session.run({ x: one(SUBNORMAL), y: one(1) }, { z: null });
    return z?.data[0] === SUBNORMAL;
  } finally {
    await session.release();
  }
}
