/** Chooses the engine and its adapter for a device. */
import { LockstepError } from '@lockstep/protocol/core';
import type { Engine, Optimisation } from './engine.js';
import type { TfjsBackend } from './tfjs/library.js';

/** Device of an engine. */
export type Device = 'auto' | 'cpu' | 'cuda' | 'webgpu';

/** Engines by their name in a spec. */
export const ENGINES = ['onnxruntime', 'tfjs'] as const;

/** Which engine is wanted. */
export interface EngineOptions {
  /** @default 'onnxruntime' */
  readonly engine?: (typeof ENGINES)[number];
  /** @default 'auto' the CPU, since no other device promises the same bits */
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
  if (device === 'webgpu' || (device === 'cuda' && engine !== 'tfjs')) throw deviceUnavailable(device);
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

function deviceUnavailable(device: 'cuda' | 'webgpu'): LockstepError {
  return new LockstepError('DEVICE_UNAVAILABLE', {
    message: `This build computes on the CPU; it has no ${device} engine.`,
    field: 'run.device',
    value: device,
    fix: 'Use device: cpu or device: auto.',
  });
}
