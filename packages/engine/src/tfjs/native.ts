/** TensorFlow.js with a real TensorFlow: `@tensorflow/tfjs-node` or `-gpu`, built by `lockstep engines` or installed beside it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs-core';
import { bindingPath, buildFolder, type NativeBuild, nativeName, nativePackage } from './native-builds.js';

/** Device for a real TensorFlow; `auto` takes a GPU where the build for one is installed and finds it. */
export type NativeDevice = 'auto' | 'cpu' | 'cuda';

/** TensorFlow.js on a real TensorFlow. */
export interface NativeLibrary {
  readonly tf: typeof Tf;
  readonly backend: 'tensorflow';
  readonly build: NativeBuild;
  readonly provider: 'cpu' | 'cuda';
  /** For example "tensorflow-2.21.0". */
  readonly adapter: string;
}

/** What was found, or why each candidate does not load; no failure at all where there is no candidate. */
export interface NativeSearch {
  readonly library: NativeLibrary | null;
  readonly failures: readonly string[];
}

/** A package that may be there. */
export interface NativeCandidate {
  readonly build: NativeBuild;
  /** The folder that it was built in, or "node_modules" where it was installed beside lockstep. */
  readonly from: string;
  /** Path of the package's code. */
  readonly entry: string;
}

/** What a NodeJSKernelBackend of tfjs-node tells. */
interface NativeBackend {
  readonly binding: { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
}

/** Sums must not depend on how many threads take part in one, nor on a library that regroups them by processor. */
const SAME_BITS: Readonly<Record<string, string>> = {
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
  TF_ENABLE_ONEDNN_OPTS: '0',
  TF_DETERMINISTIC_OPS: '1',
  TF_CUDNN_DETERMINISTIC: '1',
  NVIDIA_TF32_OVERRIDE: '0',
};

/** Loads the first package that works. */
export function loadNative(device: NativeDevice): NativeSearch {
  const failures: string[] = [];
  for (const candidate of nativeCandidates(device)) {
    try {
      const library = loadCandidate(candidate, device);
      if (device !== 'cuda' || library.provider === 'cuda') return { library, failures };
      failures.push(`${nativePackage(candidate.build)} in ${candidate.from} finds no GPU`);
    } catch (thrown) {
      const why = (thrown instanceof Error ? thrown.message : String(thrown)).trim().split('\n')[0];
      failures.push(`${nativePackage(candidate.build)} in ${candidate.from} cannot be loaded: ${why}`);
    }
  }
  return { library: null, failures };
}

/** Packages that are there, the one to try first first. */
export function nativeCandidates(device: NativeDevice): readonly NativeCandidate[] {
  const builds: Readonly<Record<NativeDevice, readonly NativeBuild[]>> = {
    auto: ['gpu', 'cpu'],
    cpu: ['cpu', 'gpu'],
    cuda: ['gpu'],
  };
  return builds[device].flatMap((build) => [...builtHere(build), ...besideLockstep(build)]);
}

function builtHere(build: NativeBuild): readonly NativeCandidate[] {
  const folder = buildFolder(build);
  if (!existsSync(bindingPath(build, folder))) return [];
  return [{ build, from: folder, entry: join(folder, 'node_modules', nativePackage(build)) }];
}

function besideLockstep(build: NativeBuild): readonly NativeCandidate[] {
  try {
    const entry = createRequire(import.meta.url).resolve(nativePackage(build));
    return [{ build, from: 'node_modules', entry }];
  } catch {
    return [];
  }
}

function loadCandidate({ build, entry }: NativeCandidate, device: NativeDevice): NativeLibrary {
  Object.assign(process.env, nativeEnvironment(device));
  const require = createRequire(import.meta.url);
  restoreUtil(require('node:util') as object);
  // All of its packages come from the folder of this one: tfjs-core keeps its backends and gradients in itself.
  const tf = require(entry) as typeof Tf;
  // Hints for the browser's console are nothing for a worker's log.
  tf.enableProdMode();
  const { binding, isUsingGpuDevice } = tf.findBackend('tensorflow') as unknown as NativeBackend;
  return {
    ...{ tf, build, backend: 'tensorflow', provider: isUsingGpuDevice ? 'cuda' : 'cpu' },
    adapter: `${nativeName(build)}-${binding.TF_Version}`,
  };
}

/** What TensorFlow reads from the environment when it is loaded. */
export function nativeEnvironment(device: NativeDevice): Readonly<Record<string, string>> {
  return {
    ...SAME_BITS,
    // Errors alone: what it optimises, and that it finds no CUDA, is nothing for a worker's log.
    TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2',
    ...(device === 'cpu' ? { CUDA_VISIBLE_DEVICES: '-1' } : {}),
  };
}

/** tfjs-node 4.22 calls functions that Node 23 took out of `util`, and that earlier ones warn of. */
export function restoreUtil(util: object): void {
  Object.assign(util, { isArray: Array.isArray, isNullOrUndefined: (value: unknown) => value == null });
}
