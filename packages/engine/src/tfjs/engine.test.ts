import { attribute, encodeModel, GraphBuilder, initializeParameters, planModel } from '@lockstep/model';
import { tensorView } from '@lockstep/protocol/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { EngineTensor } from '../engine.js';
import { createEngine } from '../select.js';

const ROWS = 6;

function float32(shape: readonly number[], fill: (index: number) => number): EngineTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return { type: 'float32', shape, data: Float32Array.from({ length: count }, (_, index) => fill(index)) };
}

describe('the engine tfjs', () => {
  it('leaves nothing on the backend, however many steps it takes', async () => {
    const engine = await createEngine({ engine: 'tfjs', backend: 'cpu' });
    const layers = [
      {
        ...{ type: 'dense' as const, units: 3, activation: 'softmax' as const, useBias: true },
        ...{ kernelInitializer: 'glorotUniform' as const, biasInitializer: 'zeros' as const },
      },
    ];
    const plan = planModel({ layers, loss: 'sparseCategoricalCrossEntropy', featureWidth: 4, outputWidth: 3 });
    const flat = initializeParameters(plan, 1);
    const feeds: Record<string, EngineTensor> = {
      features: float32([ROWS, 4], (index) => Math.sin(index)),
      target: float32([ROWS, 1], (index) => index % 3),
      weight: float32([ROWS, 1], () => 1),
    };
    for (const place of plan.layout.tensors) {
      feeds[place.name] = { type: 'float32', shape: place.shape, data: tensorView(flat, place) };
    }
    const before = tf.memory().numTensors;
    const session = await engine.createSession(encodeModel(plan.trainingGraph));
    const fetches = Object.fromEntries(session.outputs.map(({ name }) => [name, null]));
    const counts = new Set<number>();
    for (let step = 0; step < 300; step++) {
      await session.run(feeds, fetches);
      counts.add(tf.memory().numTensors);
    }
    expect(counts.size).toBe(1);
    await expect(session.run({ ...feeds, features: float32([ROWS, 9], () => 1) }, fetches)).rejects.toThrow('features');
    expect(counts).toContain(tf.memory().numTensors);
    await session.release();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names an operator that it does not compute, when the graph is loaded', async () => {
    const engine = await createEngine({ engine: 'tfjs', backend: 'cpu' });
    const builder = new GraphBuilder('foreign');
    const x = builder.input('x', 'float32', ['N']);
    builder.output('y', 'float32', ['N'], builder.node('Erf', [x]));
    await expect(engine.createSession(encodeModel(builder.build()))).rejects.toMatchObject({
      code: 'ENGINE_LOAD_FAILED',
      value: 'Erf',
      message: expect.stringContaining('Erf'),
    });
  });

  it('gives what TensorFlow.js says of a run that it cannot do', async () => {
    const engine = await createEngine({ engine: 'tfjs', backend: 'cpu' });
    const builder = new GraphBuilder('first axis');
    const x = builder.input('x', 'float32', ['N', 2]);
    builder.output('y', 'float32', ['N', 2], builder.node('Softmax', [x], { axis: attribute.int(0) }));
    const session = await engine.createSession(encodeModel(builder.build()));
    await expect(session.run({ x: float32([1, 2], () => 1) }, { y: null })).rejects.toMatchObject({
      code: 'ENGINE_RUN_FAILED',
      message: expect.stringContaining('last dimension'),
    });
    await session.release();
  });

  it('has a numeric class of its own, with the version of what computes exponentials', async () => {
    const [tfjs, onnxRuntime] = [await createEngine({ engine: 'tfjs', backend: 'cpu' }), await createEngine()];
    expect(tfjs.description).toMatchObject({ name: 'tfjs', version: tf.version_core });
    expect(tfjs.description.adapter).toContain(`v8-${process.versions.v8}`);
    expect(tfjs.description.adapter).toContain(onnxRuntime.description.version);
  });
});
