/** Finds TensorFlow.js among the packages that are installed beside this one: none of its packages comes with it. */
import { LockstepError } from '@lockstep/protocol/core';
import type * as Tf from '@tensorflow/tfjs-core';

/** TensorFlow.js's functions; the same in each of its packages. */
export type TfModule = typeof Tf;

/** TensorFlow.js with the backend that computes. */
export interface TfLibrary {
  readonly tf: TfModule;
  /** Name that TensorFlow.js gives the backend. */
  readonly backend: string;
  /** What computes, in one word of a numeric class: backend and version of what decides its bits. */
  readonly adapter: string;
}

/** What installs the packages that {@link loadTfjs} imports. */
const INSTALL = 'npm install @tensorflow/tfjs-core@4 @tensorflow/tfjs-backend-cpu@4 @tensorflow/tfjs-layers@4';

/**
 * Loads TensorFlow.js with its backend in JavaScript.
 * @throws LockstepError ENGINE_UNAVAILABLE naming the command that installs it
 */
export async function loadTfjs(): Promise<TfLibrary> {
  const tf = await importPackages();
  // Hints for the browser's console are nothing for a worker's log.
  tf.enableProdMode();
  if (!(await tf.setBackend('cpu'))) throw unavailable(new Error('backend cpu does not start'));
  // Exponentials and the like are those of JavaScript's own library.
  return { tf, backend: 'cpu', adapter: `cpu-v8-${process.versions.v8}` };
}

async function importPackages(): Promise<TfModule> {
  try {
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-cpu');
    // Its build for Node alone registers the gradients of the operators.
    await import('@tensorflow/tfjs-layers');
    return tf;
  } catch (cause) {
    throw unavailable(cause);
  }
}

function unavailable(cause: unknown): LockstepError {
  const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new LockstepError('ENGINE_UNAVAILABLE', {
    message: `TensorFlow.js cannot be loaded: ${why}`,
    field: 'engine',
    value: 'tfjs',
    fix: `Install it beside lockstep (${INSTALL}), or use train.engine: onnxruntime.`,
    cause,
  });
}
