import { createEngine, type Engine } from '@lockstep/engine';
import { tensorView } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { describeEngine, type EngineCase, TFJS_SKIPS } from './engine-contract.ts';
import { trainingModel } from './engine-models.ts';
import { bitsOf, pattern, tensor } from './engine-tensors.ts';

const CASES: readonly EngineCase[] = [
  { engine: 'onnxruntime', adapter: 'c-api', skips: {} },
  {
    engine: 'onnxruntime',
    adapter: 'binding',
    skips: { 'event loop': 'the binding runs on the JavaScript thread' },
  },
  { engine: 'tfjs', adapter: 'c-api', backend: 'cpu', skips: TFJS_SKIPS },
];

for (const engineCase of CASES) describeEngine(engineCase);

/** Bits of the loss, the scores and every gradient of one lane of a small classifier. */
async function laneBits(engine: Engine, rows: number): Promise<readonly number[]> {
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
  const fetches = {
    rowLoss: tensor('float32', [rows], engine.allocate('float32', rows)),
    scores: tensor('float32', [rows, 5], engine.allocate('float32', rows * 5)),
  };
  for (const layout of plan.layout.tensors) {
    Object.assign(feeds, { [layout.name]: tensor('float32', layout.shape, tensorView(flat, layout)) });
    const data = tensorView(gradient, layout);
    Object.assign(fetches, { [`gradient/${layout.name}`]: tensor('float32', layout.shape, data) });
  }
  await session.run(feeds, fetches);
  await session.release();
  return [fetches.rowLoss.data, fetches.scores.data, gradient].flatMap((data) => bitsOf(data));
}

describe('engines', () => {
  it.each([1, 7, 32, 57])('both adapters give the same bits for a lane of %i rows', async (rows) => {
    const [left, right] = [await createEngine({ adapter: 'c-api' }), await createEngine({ adapter: 'binding' })];
    const bits = await laneBits(left, rows);
    expect(new Set(bits).size).toBeGreaterThan(100);
    expect(await laneBits(right, rows)).toEqual(bits);
    expect(await laneBits(left, rows)).toEqual(bits);
  });

  it.each(['cuda', 'webgpu'] as const)('says that there is no %s engine and what works', async (device) => {
    await expect(createEngine({ device })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      value: device,
      fix: expect.stringContaining('device: cpu'),
    });
  });

  it('calls the C API where nothing else is asked for', async () => {
    const engine = await createEngine();
    expect(engine.description).toMatchObject({ name: 'onnxruntime', provider: 'cpu', adapter: 'c-api' });
  });
});
