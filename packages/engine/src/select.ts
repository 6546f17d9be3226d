/** Chooses the engine and its adapter for a device. */
import { LockstepError } from '@lockstep/protocol/core';
import { obstaclesOf } from './core/devices.js';
import type { Engine, Optimisation } from './engine.js';
import { multiplyModel } from './multiply-model.js';
import type { TfjsBackend } from './tfjs/library.js';

/** Device of an engine. */
export type Device = 'auto' | 'cpu' | 'cuda' | 'webgpu';

/** Engines by their name in a spec. */
export const ENGINES = ['onnxruntime', 'tfjs'] as const;

/** Which engine is wanted. */
export interface EngineOptions {
  /** @default 'onnxruntime' */
  readonly engine?: (typeof ENGINES)[number];
  /** @default 'auto' the CPU, since no other device promises the same bits; of tfjs a GPU where it was built with CUDA and finds one */
  readonly device?: Device;
  /** How ONNX Runtime is called. @default 'auto' the C API where it can be called, else the binding */
  readonly adapter?: 'auto' | 'c-api' | 'binding';
  /** What TensorFlow.js computes with. @default 'auto' a real TensorFlow where one is installed, else plain JavaScript */
  readonly backend?: TfjsBackend;
  /** @default 'all' another level gives other bits, and so another numeric class */
  readonly optimisation?: Optimisation;
  /** Told why, where `auto` takes what is slower or another device. @default nobody is told */
  readonly onFallback?: (reason: LockstepError) => void;
}

/** Loads an engine. @throws LockstepError DEVICE_UNAVAILABLE, ENGINE_UNAVAILABLE */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { device = 'auto', engine = 'onnxruntime', backend = 'auto', onFallback } = options;
  if (device === 'webgpu' || (device === 'cuda' && engine !== 'tfjs')) return createOnGpu(device, options);
  const onnxRuntime = await createOnnxRuntime(options);
  if (engine === 'onnxruntime') return onnxRuntime;
  const { createTfjsEngine } = await import('./tfjs/engine.js');
  return createTfjsEngine(onnxRuntime, { backend, device, ...(onFallback ? { onFallback } : {}) });
}

async function createOnnxRuntime({
  adapter = 'auto',
  optimisation = 'all',
  onFallback,
}: EngineOptions): Promise<Engine> {
  if (adapter !== 'binding') {
    try {
      const { createCApiEngine } = await import('./onnxruntime/c-api/engine.js');
      return createCApiEngine(optimisation);
    } catch (thrown) {
      const reason = asUnavailable(thrown);
      if (adapter === 'c-api') throw reason;
      onFallback?.(reason);
    }
  }
  const { createBindingEngine } = await import('./onnxruntime/binding.js');
  return createBindingEngine(optimisation);
}

function asUnavailable(thrown: unknown): LockstepError {
  if (thrown instanceof LockstepError) return thrown;
  return new LockstepError('ENGINE_UNAVAILABLE', {
    message: `ONNX Runtime's C API cannot be called: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    field: 'engine',
    cause: thrown,
  });
}

type Gpu = 'cuda' | 'webgpu';

/** Of ONNX Runtime, only the binding computes on GPUs. */
async function createOnGpu(device: Gpu, options: EngineOptions): Promise<Engine> {
  const { engine: name = 'onnxruntime', adapter = 'auto', optimisation = 'all' } = options;
  if (name !== 'onnxruntime') {
    throw unavailableOn(
      device,
      `The engine ${name} has no device ${device}.`,
      'Use engine: onnxruntime, or device: cpu.',
    );
  }
  if (adapter === 'c-api') {
    const message = `The adapter c-api computes on the CPU; ${device} needs the binding.`;
    throw unavailableOn(device, message, 'Use --engine-adapter auto.');
  }
  const { createBindingEngine } = await import('./onnxruntime/binding.js');
  const engine = await createBindingEngine(optimisation, device);
  try {
    await (await engine.createSession(multiplyModel())).release();
    return engine;
  } catch (thrown) {
    throw await whyNot(device, LockstepError.from(thrown));
  }
}

/** What stands in the way of a device, in words. */
async function whyNot(device: Gpu, cause: LockstepError): Promise<LockstepError> {
  const { probeMachine } = await import('./probe/machine.js');
  const { message, fix } = cause;
  const obstacles = obstaclesOf(device, await probeMachine(), { message, fix, log: '' });
  const whys = obstacles.map(({ why }) => why).join(' ');
  const fixes = obstacles.map((obstacle) => obstacle.fix).join(' ');
  return unavailableOn(
    device,
    `device: ${device} cannot be used here. ${whys}`,
    `${fixes} See lockstep devices.`,
    cause,
  );
}

function unavailableOn(device: Gpu, message: string, fix: string, cause?: unknown): LockstepError {
  return new LockstepError('DEVICE_UNAVAILABLE', { message, field: 'run.device', value: device, fix, cause });
}
