/** The memory of a job's vectors, and its first parameters; the process goes on answering while they are made. */
import { setImmediate } from 'node:timers/promises';
import { initializeInPieces, type ModelPlan } from '@lockstep/model';
import { machineMemoryBytes } from '@lockstep/protocol';
import { checkVectorMemory } from '@lockstep/protocol/core';
import type { TrainSpec } from '@lockstep/spec';
import { createOptimizer } from './core/optimizers/table.js';
import { gradientsOf } from './job-gradients.js';

/** Writes the parameters at step 0 over zeros. @throws the signal's reason when it is aborted */
export async function initialParameters(
  plan: ModelPlan,
  seed: number,
  flat: Float32Array,
  signal: AbortSignal,
): Promise<void> {
  for (const _ of initializeInPieces(plan, seed, flat)) {
    await setImmediate();
    signal.throwIfAborted();
  }
}

/** Refuses a model whose vectors this machine cannot hold, before any is made. @throws LockstepError LIMIT_EXCEEDED */
export function checkMemory(
  { layout }: Pick<ModelPlan, 'layout'>,
  { optimizer, gradients, lanes }: Pick<TrainSpec, 'optimizer' | 'gradients' | 'lanes'>,
): void {
  const { codec } = gradientsOf(gradients, layout.elementCount);
  const state = Object.keys(createOptimizer(optimizer, 0).state().vectors).length;
  checkVectorMemory({
    process: 'The coordinator',
    elementCount: layout.elementCount,
    // Two versions, the next one with a gradient until it comes; another gradient; a checkpoint that is written while steps go on.
    vectors: {
      ...{ parameters: 2, gradient: 1, optimizer: state, checkpoint: 1 + state },
      ...(codec ? { residual: lanes } : {}),
    },
    memoryBytes: machineMemoryBytes(),
  });
}
