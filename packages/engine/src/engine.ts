/** The engine port: what runs ONNX graphs, whatever library and device are behind it. */

/** Typed contents of a tensor. */
export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | readonly string[];

/** Element type of a tensor. */
export type TensorType = 'float32' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool' | 'string';

/** A tensor given to or taken from an engine. Numeric data starts on a 64-byte boundary (see {@link Engine.allocate}). */
export interface EngineTensor {
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Name, type and shape of a session's input or output; -1 marks a dimension known only at run time. */
export interface EngineValueInfo {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
}

/** A graph that is loaded and ready to run. */
export interface EngineSession {
  readonly inputs: readonly EngineValueInfo[];
  readonly outputs: readonly EngineValueInfo[];
  /**
   * Runs the graph once. Off the event loop where the adapter can and the run is long.
   * @param feeds every input by name
   * @param fetches the outputs wanted: a tensor is written in place, `null` asks for a new one
   * @returns every fetched output by name; the very tensors given in `fetches` where one was given
   * @throws LockstepError ENGINE_RUN_FAILED with the library's own text
   */
  run(
    feeds: Readonly<Record<string, EngineTensor>>,
    fetches: Readonly<Record<string, EngineTensor | null>>,
  ): Promise<Readonly<Record<string, EngineTensor>>>;
  /** Frees the graph. A run in flight ends first. */
  release(): Promise<void>;
}

/** How a session is made. */
export interface SessionOptions {
  /** Threads of one run. @default 1, since more cores mean more replicas, not more threads */
  readonly threads?: number;
}

/** Levels of graph optimisation: none, the ones that keep every operator's meaning, fusions too, layouts too. */
export const OPTIMISATIONS = ['none', 'basic', 'extended', 'all'] as const;

/** One level of graph optimisation. */
export type Optimisation = (typeof OPTIMISATIONS)[number];

/** What an engine is, for its numeric class and messages. */
export interface EngineDescription {
  /** "onnxruntime" or "tfjs". */
  readonly name: string;
  /** Version of the library. */
  readonly version: string;
  /** "cpu", "cuda" or "webgpu". */
  readonly provider: string;
  /** How the library is called and what else decides its bits, for example "c-api", "binding" or "cpu-v8-11.3.244.8". */
  readonly adapter: string;
  /** How far graphs are rewritten before they run; part of what decides the bits. */
  readonly optimisation: Optimisation;
}

/** Runs ONNX graphs on one device. */
export interface Engine {
  readonly description: EngineDescription;
  /** Loads a model from its bytes. @throws LockstepError ENGINE_LOAD_FAILED */
  createSession(model: Uint8Array, options?: SessionOptions): Promise<EngineSession>;
  /** Zeroed memory that starts on a 64-byte boundary; `count` in elements. */
  allocate(type: 'float32', count: number): Float32Array;
  allocate(type: 'float64', count: number): Float64Array;
  allocate(type: 'int64', count: number): BigInt64Array;
  /** Releases what the engine holds. Sessions must be released before. */
  close(): Promise<void>;
}
