/** ONNX Runtime through its C API: no copies of inputs and outputs, and long runs off the event loop. */
import type { Engine, EngineSession, Optimisation, SessionOptions } from '../../engine.js';
import { addressedMemory, addressOf } from '../../tensors/addressed-memory.js';
import { loadLibrary } from './library.js';
import { callAsync, Native, NativeWords } from './native.js';
import { CApiSession } from './session.js';
import { loadError } from './session-info.js';
import type { ValueContext } from './values.js';

/** Errors come as statuses; a line on stderr for each would only repeat them. */
const LOG_LEVEL_FATAL = 4;
const SEQUENTIAL = 0;
/** GraphOptimizationLevel of onnxruntime_c_api.h. */
const OPTIMISATION_LEVEL: Readonly<Record<Optimisation, number>> = { none: 0, basic: 1, extended: 2, all: 99 };
const ARENA_ALLOCATOR = 1;
const MEMORY_DEFAULT = 0;
/** Idle threads of a pool sleep: other replicas want the cores. */
const SESSION_SETTINGS = [['session.intra_op.allow_spinning', '0']] as const;

interface CApiContext extends ValueContext {
  readonly env: bigint;
}

let shared: CApiContext | null = null;

/** Environment, memory description and allocator; one each for the life of the process. */
function openContext(): CApiContext {
  if (shared) return shared;
  const native = new Native(loadLibrary());
  const { api } = native.library;
  const env = native.result((out) => api.createEnv(LOG_LEVEL_FATAL, 'lockstep', out), loadError);
  native.check(api.disableTelemetryEvents(env), loadError);
  const memoryInfo = native.result((out) => api.createCpuMemoryInfo(ARENA_ALLOCATOR, MEMORY_DEFAULT, out), loadError);
  const allocator = native.result((out) => api.getAllocatorWithDefaultOptions(out), loadError);
  shared = { native, env, memoryInfo, allocator };
  return shared;
}

/** Loads the engine. @throws LockstepError ENGINE_UNAVAILABLE where the library or its table is not as expected */
export function createCApiEngine(optimisation: Optimisation): Engine {
  const context = openContext();
  return {
    description: {
      name: 'onnxruntime',
      version: context.native.library.version,
      provider: 'cpu',
      adapter: 'c-api',
      optimisation,
    },
    allocate: addressedMemory.allocate,
    createSession: (model, options) => createSession(context, optimisation, model, options),
    close: async () => {},
  };
}

async function createSession(
  context: CApiContext,
  optimisation: Optimisation,
  model: Uint8Array,
  { threads = 1 }: SessionOptions = {},
): Promise<EngineSession> {
  if (model.byteLength === 0) throw loadError('The model is empty.');
  const { native, env } = context;
  const { api } = native.library;
  const options = createSessionOptions(native, optimisation, threads);
  const out = new NativeWords(1);
  try {
    out.words[0] = 0n;
    const args = [env, addressOf(model), model.byteLength, options, out.address];
    native.check(await callAsync(api.createSessionFromArray, args), loadError);
    return new CApiSession(context, out.words[0]);
  } finally {
    out.free();
    api.releaseSessionOptions(options);
  }
}

function createSessionOptions(native: Native, optimisation: Optimisation, threads: number): bigint {
  const { api } = native.library;
  const options = native.result((out) => api.createSessionOptions(out), loadError);
  native.check(api.setSessionExecutionMode(options, SEQUENTIAL), loadError);
  native.check(api.setSessionGraphOptimizationLevel(options, OPTIMISATION_LEVEL[optimisation]), loadError);
  native.check(api.setIntraOpNumThreads(options, threads), loadError);
  native.check(api.setInterOpNumThreads(options, 1), loadError);
  native.check(api.setSessionLogSeverityLevel(options, LOG_LEVEL_FATAL), loadError);
  for (const [key, value] of SESSION_SETTINGS) native.check(api.addSessionConfigEntry(options, key, value), loadError);
  return options;
}
