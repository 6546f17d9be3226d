/** The plain onnxruntime-node binding behind the engine port: GPUs, and the CPU where the C API cannot be called. */
import { LockstepError } from '@lockstep/protocol/core';
import type * as Ort from 'onnxruntime-node';
import type { Provider } from '../core/machine-facts.js';
import type {
  Engine,
  EngineSession,
  EngineTensor,
  EngineValueInfo,
  Optimisation,
  SessionOptions,
  TensorType,
} from '../engine.js';
import { MAX_RANK } from '../limits.js';
import { type AlignedMemory, copyAligned } from '../tensors/aligned-memory.js';
import { type Feeds, type Fetches, RunCheck, type RunResults, runError } from '../tensors/check-tensors.js';
import { ELEMENT_TYPE, type NumericData } from '../tensors/element-types.js';
import { checkBoundaries, loadMemory } from '../tensors/load-memory.js';
import { RunQueue } from '../tensors/run-queue.js';
import { disableTelemetry } from './telemetry.js';

type OrtModule = typeof Ort;

const OPTIMISATION_LEVEL = { none: 'disabled', basic: 'basic', extended: 'extended', all: 'all' } as const;

/**
 * Loads the binding. Operators that a GPU's provider lacks are computed on the CPU, inside ONNX Runtime.
 * @param provider what sessions compute on; the first one says whether it can
 * @throws LockstepError ENGINE_UNAVAILABLE
 */
export async function createBindingEngine(optimisation: Optimisation, provider: Provider = 'cpu'): Promise<Engine> {
  let ort: OrtModule;
  try {
    disableTelemetry();
    ort = await import('onnxruntime-node');
  } catch (cause) {
    throw new LockstepError('ENGINE_UNAVAILABLE', {
      message: `onnxruntime-node cannot be loaded: ${messageOf(cause)}`,
      field: 'engine',
      cause,
    });
  }
  const memory = await loadMemory();
  const version = ort.env.versions.node ?? ort.env.versions.common;
  return {
    description: { name: 'onnxruntime', version, provider, adapter: 'binding', optimisation },
    allocate: memory.allocate,
    createSession: (model, options) => createSession({ ort, memory, optimisation, provider }, model, options),
    close: async () => {},
  };
}

interface BindingContext {
  readonly ort: OrtModule;
  readonly memory: AlignedMemory;
  readonly optimisation: Optimisation;
  readonly provider: Provider;
}

async function createSession(
  { ort, memory, optimisation, provider }: BindingContext,
  model: Uint8Array,
  { threads = 1 }: SessionOptions = {},
): Promise<EngineSession> {
  try {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: OPTIMISATION_LEVEL[optimisation],
      logSeverityLevel: 4,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    return new BindingSession(ort, memory, session);
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause;
    throw loadError(messageOf(cause), cause);
  }
}

class BindingSession implements EngineSession {
  readonly inputs: readonly EngineValueInfo[];
  readonly outputs: readonly EngineValueInfo[];
  readonly #ort: OrtModule;
  readonly #memory: AlignedMemory;
  readonly #session: Ort.InferenceSession;
  readonly #check: RunCheck;
  readonly #queue = new RunQueue();

  constructor(ort: OrtModule, memory: AlignedMemory, session: Ort.InferenceSession) {
    this.#ort = ort;
    this.#memory = memory;
    this.#session = session;
    this.inputs = session.inputMetadata.map(valueInfo);
    this.outputs = session.outputMetadata.map(valueInfo);
    this.#check = new RunCheck(this.inputs, this.outputs);
  }

  run(feeds: Feeds, fetches: Fetches): Promise<RunResults> {
    return this.#queue.run(() => this.#run(feeds, fetches));
  }

  release(): Promise<void> {
    return this.#queue.close(() => this.#session.release());
  }

  async #run(feeds: Feeds, fetches: Fetches): Promise<RunResults> {
    this.#check.run(feeds, fetches);
    checkBoundaries(this.#memory, fetches);
    const inputs: Record<string, Ort.Tensor> = {};
    for (const [name, tensor] of Object.entries(feeds)) inputs[name] = this.#tensor(tensor);
    let outputs: Ort.InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.#session.run(inputs, Object.keys(fetches));
    } catch (cause) {
      throw runError(messageOf(cause), 'run', cause);
    }
    const results: Record<string, EngineTensor> = {};
    for (const [name, wanted] of Object.entries(fetches)) results[name] = take(name, outputs[name], wanted);
    return results;
  }

  #tensor({ type, shape, data }: EngineTensor): Ort.Tensor {
    if (type === 'string') return new this.#ort.Tensor('string', data as string[], shape);
    const given = data as NumericData;
    if (this.#memory.isAligned(given)) return new this.#ort.Tensor(type, given as never, shape);
    return new this.#ort.Tensor(type, copyAligned(this.#memory, type, given) as never, shape);
  }
}

function take(name: string, output: Ort.OnnxValue | undefined, wanted: EngineTensor | null): EngineTensor {
  if (!output) throw runError(`The engine gave no ${name}.`, name);
  const found = output as Ort.Tensor;
  if (!wanted) return { type: found.type as TensorType, shape: found.dims, data: found.data as EngineTensor['data'] };
  if (found.dims.join() !== wanted.shape.join()) {
    throw runError(`${name} came as [${found.dims.join(', ')}], not [${wanted.shape.join(', ')}].`, name);
  }
  (wanted.data as Float32Array).set(found.data as Float32Array);
  return wanted;
}

function valueInfo(metadata: Ort.InferenceSession.ValueMetadata): EngineValueInfo {
  const { name } = metadata;
  if (!metadata.isTensor) throw loadError(`${name} is no tensor.`);
  if (!(metadata.type in ELEMENT_TYPE))
    throw loadError(`${name} has element type ${metadata.type}, which is not read.`);
  const shape = metadata.shape.map((size) => (typeof size === 'number' ? size : -1));
  if (shape.length > MAX_RANK) {
    throw loadError(`${name}: ${shape.length} dimensions are more than the ${MAX_RANK} that are read.`);
  }
  return { name, type: metadata.type as TensorType, shape };
}

function loadError(message: string, cause?: unknown): LockstepError {
  return new LockstepError('ENGINE_LOAD_FAILED', { message, field: 'model', cause });
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
