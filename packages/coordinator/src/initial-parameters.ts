/** The first parameters of a job; the process goes on answering while they are made. */
import { setImmediate } from 'node:timers/promises';
import { initializeInPieces, type ModelPlan } from '@lockstep/model';

/** The parameters at step 0. @throws the signal's reason when it is aborted */
export async function initialParameters(plan: ModelPlan, seed: number, signal: AbortSignal): Promise<Float32Array> {
  const flat = new Float32Array(plan.layout.elementCount);
  for (const _ of initializeInPieces(plan, seed, flat)) {
    await setImmediate();
    signal.throwIfAborted();
  }
  return flat;
}
