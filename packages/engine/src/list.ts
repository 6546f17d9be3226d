/** Engines that there are on this machine, and why not where one does not work. */
import { LockstepError } from '@lockstep/protocol/core';
import { createEngine, type EngineOptions } from './select.js';
import { nativeCandidates } from './tfjs/native.js';
import { type NativeBuild, nativeName, nativePackage } from './tfjs/native-builds.js';
import { probeNative } from './tfjs/probe.js';

/** One engine with one of its backends. */
export interface EngineListing {
  /** Its name in `train.engine`. */
  readonly engine: 'onnxruntime' | 'tfjs';
  /** "c-api" or "binding" of ONNX Runtime; "tensorflow", "tensorflow-gpu" or "cpu" of TensorFlow.js. */
  readonly backend: string;
  /** Versions that it states; '' where it does not work. */
  readonly version: string;
  /** "cpu" or "cuda"; '' where it does not work. */
  readonly provider: string;
  /** "lockstep", "node_modules" or the folder that it was built in; '' where it is not there. */
  readonly from: string;
  readonly usable: boolean;
  /** Why it does not work; '' where it does. */
  readonly why: string;
}

/** Tries each. */
export async function listEngines(): Promise<readonly EngineListing[]> {
  return [
    await listed({ engine: 'onnxruntime', backend: 'c-api', from: 'lockstep' }, { adapter: 'c-api' }),
    await listed({ engine: 'onnxruntime', backend: 'binding', from: 'lockstep' }, { adapter: 'binding' }),
    ...(await listNative('cpu')),
    ...(await listNative('gpu')),
    await listed({ engine: 'tfjs', backend: 'cpu', from: 'node_modules' }, { engine: 'tfjs', backend: 'cpu' }),
  ];
}

async function listed(
  what: Pick<EngineListing, 'engine' | 'backend' | 'from'>,
  options: EngineOptions,
): Promise<EngineListing> {
  try {
    const { version, provider } = (await createEngine(options)).description;
    return { ...what, version, provider, usable: true, why: '' };
  } catch (thrown) {
    return { ...what, version: '', provider: '', usable: false, why: LockstepError.from(thrown).message };
  }
}

async function listNative(build: NativeBuild): Promise<readonly EngineListing[]> {
  const what = { engine: 'tfjs', backend: nativeName(build) } as const;
  const absent = { version: '', provider: '', usable: false };
  const candidates = nativeCandidates('auto').filter((candidate) => candidate.build === build);
  if (candidates.length === 0) {
    const command = `lockstep engines install tfjs${build === 'gpu' ? ' --gpu' : ''}`;
    return [{ ...what, ...absent, from: '', why: `not installed: ${command}, or npm install ${nativePackage(build)}` }];
  }
  return Promise.all(
    candidates.map(async (candidate) => {
      const { from } = candidate;
      try {
        const { version, tensorflow, provider } = await probeNative(candidate, 'auto');
        return { ...what, version: `${version}, TensorFlow ${tensorflow}`, provider, from, usable: true, why: '' };
      } catch (thrown) {
        return { ...what, ...absent, from, why: (thrown as Error).message };
      }
    }),
  );
}
