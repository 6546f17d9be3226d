/** Tries engines and execution providers: loads each and computes the golden lanes. */
import { LockstepError } from '@lockstep/protocol/core';
import { type EngineTrial, PROVIDERS, type Trial } from './core/machine-facts.js';
import type { Engine } from './engine.js';
import { identifyNumerics } from './numeric-class.js';
import { createEngine } from './select.js';
import { isNativeThere, nativeSource } from './tfjs/native.js';
import { BUILDS, type NativeBuild, type NativeName, nativeName, nativePackage } from './tfjs/native-builds.js';

/** What may crash the process that tries it: builds of TensorFlow, and execution providers of ONNX Runtime. */
export const TRIED_APART = [...PROVIDERS, 'tensorflow', 'tensorflow-gpu'] as const;

/** One of {@link TRIED_APART}. */
export type TriedApart = (typeof TRIED_APART)[number];

/**
 * Tries every engine, with each that computes for it.
 * @param apart tries a build of TensorFlow by {@link tryHere} in a process of its own
 */
export async function tryEngines(apart: (what: NativeName) => Promise<Trial>): Promise<readonly EngineTrial[]> {
  const onnxRuntime = async (adapter: 'c-api' | 'binding'): Promise<EngineTrial> => {
    const trial = await attempt(() => createEngine({ adapter }));
    return { engine: 'onnxruntime', backend: adapter, trial };
  };
  const plain = (): Promise<Engine> => createEngine({ engine: 'tfjs', backend: 'cpu' });
  const builds = BUILDS.map(async (build): Promise<EngineTrial> => {
    const backend = nativeName(build);
    return { engine: 'tfjs', backend, trial: isNativeThere(build) ? await apart(backend) : notInstalled(build) };
  });
  return [
    await onnxRuntime('c-api'),
    await onnxRuntime('binding'),
    ...(await Promise.all(builds)),
    { engine: 'tfjs', backend: 'cpu', trial: await attempt(plain, () => 'node_modules') },
  ];
}

function notInstalled(build: NativeBuild): Trial {
  const fix = `Run \`lockstep engines install tfjs${build === 'gpu' ? ' --gpu' : ''}\`, or \`npm install ${nativePackage(build)}\`.`;
  return { usable: false, message: 'It is not installed.', fix, log: '' };
}

/**
 * Tries one in this process, which a broken build or driver may crash or hang, which native libraries write to the
 * stderr of, and whose environment TensorFlow changes.
 */
export function tryHere(what: TriedApart): Promise<Trial> {
  if (what === 'tensorflow' || what === 'tensorflow-gpu') {
    const device = what === 'tensorflow' ? 'cpu' : 'auto';
    return attempt(() => createEngine({ engine: 'tfjs', backend: what, device }), nativeSource);
  }
  return attempt(async () => (await import('./onnxruntime/binding.js')).createBindingEngine('all', what));
}

async function attempt(create: () => Promise<Engine>, source = () => 'lockstep'): Promise<Trial> {
  try {
    const engine = await create();
    const { numericClass, reproducible } = await identifyNumerics(engine, 1);
    await engine.close();
    return { usable: true, version: engine.description.version, from: source(), numericClass, reproducible };
  } catch (thrown) {
    const { message, fix } = LockstepError.from(thrown);
    return { usable: false, message, fix, log: '' };
  }
}
