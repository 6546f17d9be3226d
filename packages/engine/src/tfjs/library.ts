/**
 * Finds TensorFlow.js: with a real TensorFlow where one is installed, else in plain JavaScript. None of its packages
 * comes with this one.
 */
import { LockstepError } from '@lockstep/protocol/core';
import type * as Tf from '@tensorflow/tfjs-core';
import { loadNative } from './native.js';
import { BUILDS, type NativeName, nativeName } from './native-builds.js';
import type { NativeDevice } from './native-environment.js';

/** TensorFlow.js's functions; the same in each of its packages. */
export type TfModule = typeof Tf;

/** What TensorFlow.js computes with: a build of a real TensorFlow, or plain JavaScript. */
export type TfjsBackend = 'auto' | NativeName | 'cpu';

/** TensorFlow.js with what computes. */
export interface TfLibrary {
  readonly tf: TfModule;
  /** TensorFlow.js's own name of what computes. */
  readonly backend: 'tensorflow' | 'cpu';
  /** "cpu" or "cuda". */
  readonly provider: string;
  /** What computes, in one word of a numeric class: name and version of what decides its bits. */
  readonly adapter: string;
}

/** Which TensorFlow.js is wanted. */
export interface LoadOptions {
  readonly backend: TfjsBackend;
  readonly device: NativeDevice;
  /** Told why, where `auto` takes plain JavaScript, or the CPU where there might have been a GPU. */
  readonly onFallback?: (reason: LockstepError) => void;
}

/** What installs the packages that {@link loadPlain} imports. */
const INSTALL = 'npm install @tensorflow/tfjs-core@4 @tensorflow/tfjs-backend-cpu@4 @tensorflow/tfjs-layers@4';
const BUILD = '`lockstep engines install tfjs`';

/**
 * Loads TensorFlow.js.
 * @throws LockstepError ENGINE_UNAVAILABLE naming the command that installs it, DEVICE_UNAVAILABLE
 */
export async function loadTfjs({ backend, device, onFallback }: LoadOptions): Promise<TfLibrary> {
  if (backend === 'cpu') return loadPlain();
  const builds = BUILDS.filter((build) => backend === 'auto' || backend === nativeName(build));
  const { library, failures } = await loadNative(device, builds);
  if (library) {
    const why = library.build === 'gpu' ? [...failures, 'TensorFlow with CUDA finds no GPU that it can use'] : failures;
    if (device !== 'cpu' && library.provider === 'cpu' && why.length > 0) {
      onFallback?.(noGpu(`TensorFlow computes on the CPU: ${why.join('; ')}.`));
    }
    return library;
  }
  const why = failures.join('; ') || 'no TensorFlow is installed for TensorFlow.js';
  if (device === 'cuda') throw noGpu(`There is no GPU for TensorFlow.js: ${why}.`);
  if (backend !== 'auto') throw unavailable(why, null);
  onFallback?.(
    new LockstepError('ENGINE_UNAVAILABLE', {
      message: `TensorFlow.js computes in plain JavaScript, which is correct and slow: ${why}.`,
      field: 'engine',
      value: 'tfjs',
      fix: `Run ${BUILD} for a real TensorFlow.`,
    }),
  );
  return loadPlain();
}

/** Lets TensorFlow.js compute with a library's backend: all copies of it in a process share one that is set. */
export function useBackend({ tf, backend }: Pick<TfLibrary, 'tf' | 'backend'>): void {
  // One that has started is there at once.
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
}

/** TensorFlow.js with its backend in JavaScript. */
async function loadPlain(): Promise<TfLibrary> {
  const tf = await importPackages();
  // Hints for the browser's console are nothing for a worker's log.
  tf.enableProdMode();
  if (!(await tf.setBackend('cpu'))) throw unavailable('backend cpu does not start', null);
  // Exponentials and the like are those of JavaScript's own library.
  return { tf, backend: 'cpu', provider: 'cpu', adapter: `cpu-v8-${process.versions.v8}` };
}

async function importPackages(): Promise<TfModule> {
  try {
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-cpu');
    // Its build for Node alone registers the gradients of the operators.
    await import('@tensorflow/tfjs-layers');
    return tf;
  } catch (cause) {
    throw unavailable((cause instanceof Error ? cause.message.split('\n')[0] : null) ?? String(cause), cause);
  }
}

function unavailable(why: string, cause: unknown): LockstepError {
  return new LockstepError('ENGINE_UNAVAILABLE', {
    message: `TensorFlow.js cannot be loaded: ${why}`,
    field: 'engine',
    value: 'tfjs',
    fix: `Run ${BUILD}, or install it beside lockstep in plain JavaScript (${INSTALL}), or use train.engine: onnxruntime.`,
    cause,
  });
}

function noGpu(message: string): LockstepError {
  return new LockstepError('DEVICE_UNAVAILABLE', {
    message,
    field: 'run.device',
    value: 'cuda',
    fix: 'Run `lockstep engines install tfjs --gpu` on a machine with an NVIDIA driver and CUDA, or use device: cpu.',
  });
}
