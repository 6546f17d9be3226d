/** Tries engines and execution providers: loads each and computes the golden lanes. */
import { LockstepError } from '@lockstep/protocol/core';
import type { EngineTrial, Provider, Trial } from './core/machine-facts.js';
import type { Engine } from './engine.js';
import { identifyNumerics } from './numeric-class.js';
import { createEngine, type EngineOptions } from './select.js';

/**
 * Tries every engine on the CPU, in each way that its library is called.
 * @param tensorflow what came of {@link tryTensorflow}, which belongs into a process of its own
 */
export async function tryEngines(tensorflow: Promise<Trial>): Promise<readonly EngineTrial[]> {
  const here = (options: EngineOptions): Promise<Trial> => attempt(() => createEngine(options));
  return [
    { engine: 'onnxruntime', adapter: 'c-api', trial: await here({ adapter: 'c-api' }) },
    { engine: 'onnxruntime', adapter: 'binding', trial: await here({ adapter: 'binding' }) },
    { engine: 'tfjs', adapter: 'tensorflow', trial: await tensorflow },
    { engine: 'tfjs', adapter: 'javascript', trial: await here({ engine: 'tfjs', backend: 'cpu' }) },
  ];
}

/**
 * Tries TensorFlow.js with a real TensorFlow in this process, whose environment it changes, and which a broken build
 * may crash.
 */
export function tryTensorflow(): Promise<Trial> {
  return attempt(() => createEngine({ engine: 'tfjs', backend: 'tensorflow', device: 'cpu' }));
}

/**
 * Tries an execution provider in this process, which a broken driver may crash or hang, and which native libraries
 * write to the stderr of.
 */
export function tryProvider(provider: Provider): Promise<Trial> {
  return attempt(async () => (await import('./onnxruntime/binding.js')).createBindingEngine('all', provider));
}

async function attempt(create: () => Promise<Engine>): Promise<Trial> {
  try {
    const engine = await create();
    const { numericClass, reproducible } = await identifyNumerics(engine, 1);
    await engine.close();
    return { usable: true, version: engine.description.version, numericClass, reproducible };
  } catch (thrown) {
    const { message, fix } = LockstepError.from(thrown);
    return { usable: false, message, fix, log: '' };
  }
}
