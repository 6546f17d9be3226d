/** Bounds of the engine, each with its reason. */

/**
 * Stack of a native call, as much as a main thread has. Kernels keep panels of 64 KiB and more on the stack, and koffi
 * runs calls on stacks of its own: 128 KiB for a call on another thread unless told otherwise.
 */
export const NATIVE_STACK_BYTES = 8 * 1024 * 1024;

/** Dimensions of a tensor; no layer makes more. */
export const MAX_RANK = 8;

/**
 * Native values kept for one input or output, so that memory that comes again costs no call: two parameter versions,
 * and a lane's gradients beside those of the tree below it.
 */
export const MAX_VALUES_PER_SLOT = 4;

/** Runs expected to take longer leave the event loop free; shorter ones save the switch of threads (about 0.06 ms). */
export const ASYNC_ABOVE_MS = 2;

/** A first run that took longer leaves the event loop free the next time too; a shorter one is measured again on it. */
export const LONG_FIRST_RUN_MS = 50;

/** Least size of a WebAssembly memory that blocks are cut from: each reserves 10 GiB of addresses, whatever it holds. */
export const PAGE_MEMORY_BYTES = 16 * 1024 * 1024;

/** nvidia-smi answers in a second; where a GPU has fallen off its bus it may never. */
export const NVIDIA_SMI_MS = 10_000;

/**
 * A build of TensorFlow loads and computes in half a second, from a cold disk some more. Two of them are tried within
 * the time of one trial of the command.
 */
export const NATIVE_PROBE_MS = 60_000;
