/** TensorFlow.js with a real TensorFlow: `@tensorflow/tfjs-node` or `-gpu`, built by `lockstep engines` or installed beside it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs-core';
import { BUILDS, bindingPath, buildFolder, type NativeBuild, nativeName, nativePackage } from './native-builds.js';
import { type NativeDevice, nativeEnvironment, restoreUtil } from './native-environment.js';
import { probeNative } from './probe.js';

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
interface NativeCandidate {
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

/**
 * Loads a package that works. One alone is loaded at once; of several each is tried in a process of its own before one
 * is loaded here, since two libraries of TensorFlow in a process may end it.
 * @param builds which may be taken
 */
export async function loadNative(device: NativeDevice, builds: readonly NativeBuild[] = BUILDS): Promise<NativeSearch> {
  const { candidate, failures } = await chooseCandidate(device, builds);
  if (!candidate) return { library: null, failures };
  const fail = (why: string): NativeSearch => ({ library: null, failures: [...failures, why] });
  if (loaded && loaded.entry !== candidate.entry) {
    return fail(`${named(candidate)} cannot be loaded beside ${named(loaded)} in one process`);
  }
  loaded = candidate;
  try {
    const library = loadCandidate(candidate, device);
    return isWanted(library, device) ? { library, failures } : fail(`${named(candidate)} finds no GPU`);
  } catch (thrown) {
    return fail(cannotLoad(candidate, thrown));
  }
}

/** The one that this process has loaded, or has tried to: a library that fails half-way may stay. */
let loaded: NativeCandidate | null = null;

/** Where the TensorFlow of this process comes from; '' before one is loaded. */
export function nativeSource(): string {
  return loaded?.from ?? '';
}

/** The candidate to load, and why those before it are not. */
async function chooseCandidate(
  device: NativeDevice,
  builds: readonly NativeBuild[],
): Promise<{ readonly candidate: NativeCandidate | null; readonly failures: readonly string[] }> {
  const candidates = nativeCandidates(device).filter(({ build }) => builds.includes(build));
  if (candidates.length <= 1) return { candidate: candidates[0] ?? null, failures: [] };
  const failures: string[] = [];
  for (const candidate of candidates) {
    try {
      if (isWanted(await probeNative(candidate, device), device)) return { candidate, failures };
      failures.push(`${named(candidate)} finds no GPU`);
    } catch (thrown) {
      failures.push(cannotLoad(candidate, thrown));
    }
  }
  return { candidate: null, failures };
}

function isWanted({ provider }: Pick<NativeLibrary, 'provider'>, device: NativeDevice): boolean {
  return device !== 'cuda' || provider === 'cuda';
}

function named({ build, from }: NativeCandidate): string {
  return `${nativePackage(build)} in ${from}`;
}

function cannotLoad(candidate: NativeCandidate, thrown: unknown): string {
  const why = (thrown instanceof Error ? thrown.message : String(thrown)).trim().split('\n')[0];
  return `${named(candidate)} cannot be loaded: ${why}`;
}

/** Whether a package of this build is there, usable or not. */
export function isNativeThere(build: NativeBuild): boolean {
  return builtHere(build).length + besideLockstep(build).length > 0;
}

/** Packages that are there, the one to try first first. */
function nativeCandidates(device: NativeDevice): readonly NativeCandidate[] {
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
