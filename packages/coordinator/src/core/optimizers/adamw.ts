/** AdamW (Loshchilov and Hutter 2019): Adam with decoupled weight decay. */
import type { OptimizerSpec } from '@lockstep/spec';
import { adamWithDecay } from './adam.js';
import type { Optimizer } from './optimizer.js';

/** `adamw`: p = p - p x weightDecay x lr, then a step of Adam. */
export function createAdamW(spec: Extract<OptimizerSpec, { type: 'adamw' }>, elementCount: number): Optimizer {
  return adamWithDecay('adamw', spec, spec.weightDecay, elementCount);
}
