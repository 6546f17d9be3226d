/** What a process is like in which TensorFlow computes. */

/** Device for a real TensorFlow; `auto` takes a GPU where the build for one is installed and finds it. */
export type NativeDevice = 'auto' | 'cpu' | 'cuda';

/** Sums must not depend on how many threads take part in one, nor on a library that regroups them by processor. */
const SAME_BITS: Readonly<Record<string, string>> = {
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
  TF_ENABLE_ONEDNN_OPTS: '0',
  TF_DETERMINISTIC_OPS: '1',
  TF_CUDNN_DETERMINISTIC: '1',
  NVIDIA_TF32_OVERRIDE: '0',
};

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
