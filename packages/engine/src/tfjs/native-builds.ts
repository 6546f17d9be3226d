/** Builds of TensorFlow.js with a real TensorFlow: what `lockstep engines install tfjs` makes, and where it lies. */
import { join } from 'node:path';
import { cacheFolder } from '@lockstep/protocol/disk';

/** Version of TensorFlow.js that is built. */
export const TFJS_VERSION = '4.22.0';
/** Version of TensorFlow that it is built against. */
export const TENSORFLOW_VERSION = '2.21.0';
/** Version of Node's stable native interface that the binding asks for; every Node from 18 on has it. */
export const NODE_API_VERSION = 8;

/** For processors, or for NVIDIA's CUDA. */
export const BUILDS = ['cpu', 'gpu'] as const;

/** One of {@link BUILDS}. */
export type NativeBuild = (typeof BUILDS)[number];

/** What builds are called, by build. */
const NAMES = { cpu: 'tensorflow', gpu: 'tensorflow-gpu' } as const;

/** What a build is called in lists and in numeric classes. */
export type NativeName = (typeof NAMES)[NativeBuild];

/** npm's package of a build. */
export function nativePackage(build: NativeBuild): string {
  return build === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
}

/** The name of a build. */
export function nativeName(build: NativeBuild): NativeName {
  return NAMES[build];
}

/** Folder of the engines that were built here: `LOCKSTEP_ENGINES`, or `engines` in the user's cache. */
export function enginesFolder(): string {
  return process.env.LOCKSTEP_ENGINES || join(cacheFolder(), 'engines');
}

/** Folder of a build, whole where it exists; its `node_modules` hold everything. */
export function buildFolder(build: NativeBuild, engines: string = enginesFolder()): string {
  const name = build === 'gpu' ? 'tfjs-gpu' : 'tfjs';
  const platform = `${process.platform}-${process.arch}`;
  return join(engines, `${name}-${TFJS_VERSION}-tensorflow-${TENSORFLOW_VERSION}-${platform}-napi${NODE_API_VERSION}`);
}

/** Path of the native library inside its package. */
export function bindingPath(build: NativeBuild, folder: string): string {
  return join(folder, 'node_modules', nativePackage(build), 'lib', `napi-v${NODE_API_VERSION}`, 'tfjs_binding.node');
}
