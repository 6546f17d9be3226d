/**
 * TensorFlow.js behind the engine port. It computes graphs whose inputs and outputs are all float32: training and
 * evaluation graphs. Others, such as a model.onnx with its text columns, have types that it lacks; ONNX Runtime, which
 * also serves such models, computes these.
 */
import { decodeModel, type Graph } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import type { Engine, EngineSession, SessionOptions } from '../engine.js';
import { loadMemory } from '../tensors/load-memory.js';
import { type LoadOptions, loadTfjs } from './library.js';
import { TfjsSession } from './session.js';

/**
 * Loads TensorFlow.js.
 * @param other computes the graphs that TensorFlow.js has no types for
 * @throws LockstepError ENGINE_UNAVAILABLE naming the command that installs it, DEVICE_UNAVAILABLE
 */
export async function createTfjsEngine(other: Engine, options: LoadOptions): Promise<Engine> {
  const library = await loadTfjs(options);
  const { tf, provider, adapter } = library;
  const memory = await loadMemory();
  const { name, version, adapter: otherAdapter, optimisation } = other.description;
  return {
    description: {
      ...{ name: 'tfjs', version: tf.version_core, provider },
      adapter: `${adapter}-${name}-${version}-${otherAdapter}`,
      optimisation,
    },
    allocate: memory.allocate,
    async createSession(model: Uint8Array, options?: SessionOptions): Promise<EngineSession> {
      const graph = readGraph(model);
      return graph ? new TfjsSession(library, memory, graph) : other.createSession(model, options);
    },
    close: () => other.close(),
  };
}

/** Dimensions of a tensor that TensorFlow.js computes. */
const MAX_TFJS_RANK = 6;

/** A graph that TensorFlow.js has the types for; null where ONNX Runtime is to say what it makes of the model. */
function readGraph(model: Uint8Array): Graph | null {
  try {
    const { graph } = decodeModel(model);
    const doors = [...graph.inputs, ...graph.outputs];
    return doors.every(({ type, shape }) => type === 'float32' && shape.length <= MAX_TFJS_RANK) ? graph : null;
  } catch (thrown) {
    if (thrown instanceof LockstepError) return null;
    throw thrown;
  }
}
