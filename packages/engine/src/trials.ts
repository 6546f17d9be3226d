/** Tries engines and execution providers: loads each and computes the golden lanes. */
import { LockstepError } from '@lockstep/protocol/core';
import type { EngineTrial, Provider, Trial } from './core/machine-facts.js';
import type { Engine } from './engine.js';
import { identifyNumerics } from './numeric-class.js';
import { createEngine, type EngineOptions } from './select.js';

/** Every engine on the CPU, in each way that its library is called. */
const CPU_ENGINES: readonly { readonly engine: string; readonly adapter: string; readonly options: EngineOptions }[] = [
  { engine: 'onnxruntime', adapter: 'c-api', options: { adapter: 'c-api' } },
  { engine: 'onnxruntime', adapter: 'binding', options: { adapter: 'binding' } },
  { engine: 'tfjs', adapter: 'tensorflow', options: { engine: 'tfjs', backend: 'tensorflow', device: 'cpu' } },
  { engine: 'tfjs', adapter: 'javascript', options: { engine: 'tfjs', backend: 'cpu' } },
];

/** Tries each engine in this process. */
export async function tryEngines(): Promise<readonly EngineTrial[]> {
  const trials: EngineTrial[] = [];
  for (const { engine, adapter, options } of CPU_ENGINES) {
    trials.push({ engine, adapter, trial: await attempt(() => createEngine(options)) });
  }
  return trials;
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
