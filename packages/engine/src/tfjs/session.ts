/**
 * A graph on TensorFlow.js: forward nodes are interpreted, and gradients are those of TensorFlow.js's own autodiff. The
 * gradient nodes of a training graph are not run.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GRADIENT_PREFIX, type Graph, ROW_LOSS, ROW_WEIGHT, type ValueInfo } from '@lockstep/model';
import type * as Tf from '@tensorflow/tfjs-core';
import type { EngineSession, EngineTensor, EngineValueInfo } from '../engine.js';
import type { AlignedMemory } from '../tensors/aligned-memory.js';
import { type Feeds, type Fetches, RunCheck, type RunResults, runError } from '../tensors/check-tensors.js';
import { checkBoundaries } from '../tensors/load-memory.js';
import { RunQueue } from '../tensors/run-queue.js';
import { Forward } from './forward.js';
import { type TfLibrary, useBackend } from './library.js';

/** What a run has computed, on the JavaScript side. */
interface Computed {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A graph whose inputs and outputs are all float32. */
export class TfjsSession implements EngineSession {
  readonly inputs: readonly EngineValueInfo[];
  readonly outputs: readonly EngineValueInfo[];
  readonly #library: Pick<TfLibrary, 'tf' | 'backend'>;
  readonly #memory: AlignedMemory;
  readonly #forward: Forward;
  readonly #check: RunCheck;
  readonly #queue = new RunQueue();

  /** @throws LockstepError ENGINE_LOAD_FAILED naming an operator that is missing */
  constructor(library: Pick<TfLibrary, 'tf' | 'backend'>, memory: AlignedMemory, graph: Graph) {
    this.#library = library;
    this.#memory = memory;
    this.inputs = graph.inputs.map(valueInfo);
    this.outputs = graph.outputs.map(valueInfo);
    this.#check = new RunCheck(this.inputs, this.outputs);
    useBackend(library);
    const names = graph.outputs.map(({ name }) => name);
    this.#forward = new Forward(
      library.tf,
      graph,
      names.filter((name) => !name.startsWith(GRADIENT_PREFIX)),
    );
  }

  run(feeds: Feeds, fetches: Fetches): Promise<RunResults> {
    return this.#queue.run(async () => {
      // A run holds the JavaScript thread: what came in meanwhile goes first.
      await nextTurn();
      return this.#run(feeds, fetches);
    });
  }

  release(): Promise<void> {
    return this.#queue.close(() => this.#forward.dispose());
  }

  #run(feeds: Feeds, fetches: Fetches): RunResults {
    this.#check.run(feeds, fetches);
    checkBoundaries(this.#memory, fetches);
    let computed: ReadonlyMap<string, Computed>;
    try {
      computed = this.#compute(feeds, Object.keys(fetches));
    } catch (cause) {
      throw runError(cause instanceof Error ? cause.message : String(cause), 'run', cause);
    }
    for (const [name, wanted] of Object.entries(fetches)) checkShape(name, computed.get(name), wanted);
    return Object.fromEntries(
      Object.entries(fetches).map(([name, wanted]) => [name, this.#give(computed.get(name) as Computed, wanted)]),
    );
  }

  /** Computes what is wanted; nothing is left on the backend. */
  #compute(feeds: Feeds, wanted: readonly string[]): ReadonlyMap<string, Computed> {
    const { tf } = this.#library;
    useBackend(this.#library);
    const computed = new Map<string, Computed>();
    const keep = (name: string, tensor: Tf.Tensor): void => {
      computed.set(name, { shape: tensor.shape, data: tensor.dataSync<'float32'>() });
    };
    const values = wanted.filter((name) => !name.startsWith(GRADIENT_PREFIX));
    const parameters = wanted
      .filter((name) => name.startsWith(GRADIENT_PREFIX))
      .map((name) => name.slice(GRADIENT_PREFIX.length));
    tf.tidy(() => {
      const fed = new Map(
        Object.entries(feeds).map(([name, { shape, data }]) => [
          name,
          tf.tensor(data as Float32Array, [...shape], 'float32'),
        ]),
      );
      const run = (given: ReadonlyMap<string, Tf.Tensor>): ReadonlyMap<string, Tf.Tensor> => {
        const found = this.#forward.run(given);
        for (const name of values) keep(name, found.get(name) as Tf.Tensor);
        return found;
      };
      if (parameters.length === 0) {
        run(fed);
        return;
      }
      const rowLosses = (...tensors: Tf.Tensor[]): Tf.Tensor =>
        run(new Map([...fed, ...parameters.map((name, index) => [name, tensors[index] as Tf.Tensor] as const)])).get(
          ROW_LOSS,
        ) as Tf.Tensor;
      // The gradient of sum(weight * row loss).
      const seed = tf.reshape(fed.get(ROW_WEIGHT) as Tf.Tensor, [-1]);
      const at = parameters.map((name) => fed.get(name) as Tf.Tensor);
      const gradients = tf.valueAndGrads(rowLosses)(at, seed).grads as readonly (Tf.Tensor | undefined)[];
      // One that the losses do not follow from has no gradient.
      at.forEach((tensor, index) => {
        keep(`${GRADIENT_PREFIX}${parameters[index]}`, gradients[index] ?? tf.zerosLike(tensor));
      });
    });
    return computed;
  }

  /** Copies: the backend may hand out its own memory, or that of a feed. */
  #give({ shape, data }: Computed, wanted: EngineTensor | null): EngineTensor {
    const result = wanted ?? { type: 'float32', shape, data: this.#memory.allocate('float32', data.length) };
    (result.data as Float32Array).set(data);
    return result;
  }
}

function checkShape(name: string, found: Computed | undefined, wanted: EngineTensor | null): void {
  if (!found) throw runError(`The engine gave no ${name}.`, name);
  if (wanted && found.shape.join() !== wanted.shape.join()) {
    throw runError(`${name} came as [${found.shape.join(', ')}], not [${wanted.shape.join(', ')}].`, name);
  }
}

function valueInfo({ name, type, shape }: ValueInfo): EngineValueInfo {
  return { name, type, shape: shape.map((size) => (typeof size === 'number' ? size : -1)) };
}
