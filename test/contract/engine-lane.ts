/** One lane of a small classifier, as an engine computes it. */
import type { Engine } from '@lockstep/engine';
import { tensorView } from '@lockstep/protocol/core';
import { trainingModel } from './engine-models.ts';
import { pattern, tensor } from './engine-tensors.ts';

/** Row losses, scores and the gradients of every parameter, one flat vector. */
export async function computeLane(engine: Engine, rows: number): Promise<readonly Float32Array[]> {
  const { model, plan, parameters } = trainingModel();
  const session = await engine.createSession(model);
  const flat = engine.allocate('float32', parameters.length);
  flat.set(parameters);
  const gradient = engine.allocate('float32', parameters.length);
  const target = engine.allocate('float32', rows).map((_, row) => row % 5);
  const weight = engine.allocate('float32', rows).fill(1);
  const feeds = {
    features: tensor('float32', [rows, 13], pattern(engine, rows * 13)),
    target: tensor('float32', [rows, 1], target),
    weight: tensor('float32', [rows, 1], weight),
  };
  const rowLoss = engine.allocate('float32', rows);
  const scores = engine.allocate('float32', rows * 5);
  const fetches = { rowLoss: tensor('float32', [rows], rowLoss), scores: tensor('float32', [rows, 5], scores) };
  for (const layout of plan.layout.tensors) {
    Object.assign(feeds, { [layout.name]: tensor('float32', layout.shape, tensorView(flat, layout)) });
    const data = tensorView(gradient, layout);
    Object.assign(fetches, { [`gradient/${layout.name}`]: tensor('float32', layout.shape, data) });
  }
  await session.run(feeds, fetches);
  await session.release();
  return [rowLoss, scores, gradient];
}
