import { createEngine, type Engine } from '@lockstep/engine';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeEngine, type EngineCase, TFJS_SKIPS } from './engine-contract.ts';
import { computeLane } from './engine-lane.ts';
import { bitsOf } from './engine-tensors.ts';

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

async function laneBits(engine: Engine, rows: number): Promise<readonly number[]> {
  return (await computeLane(engine, rows)).flatMap((data) => bitsOf(data));
}

describe('engines', () => {
  it.each([1, 7, 32, 57])('both adapters give the same bits for a lane of %i rows', async (rows) => {
    const [left, right] = [await createEngine({ adapter: 'c-api' }), await createEngine({ adapter: 'binding' })];
    const bits = await laneBits(left, rows);
    expect(new Set(bits).size).toBeGreaterThan(100);
    expect(await laneBits(right, rows)).toEqual(bits);
    expect(await laneBits(left, rows)).toEqual(bits);
  });

  it.each(['cuda', 'webgpu'] as const)('says why %s cannot be used, and what lists it', async (device) => {
    // Hides the GPUs of a machine that has some.
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '');
    vi.stubEnv('VK_ICD_FILENAMES', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(createEngine({ device })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      value: device,
      message: expect.stringMatching(new RegExp(`^device: ${device} cannot be used here\\. .+`)),
      fix: expect.stringMatching(/lockstep devices/),
    });
  });

  it.each([
    { device: 'cuda', adapter: 'c-api', fix: /--engine-adapter auto/ },
    { device: 'webgpu', engine: 'tfjs', fix: /device: cpu/ },
  ] as const)('names what does not go with a GPU: %o', async ({ fix, ...options }) => {
    await expect(createEngine(options)).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      fix: expect.stringMatching(fix),
    });
  });

  it('calls the C API where nothing else is asked for', async () => {
    const engine = await createEngine();
    expect(engine.description).toMatchObject({ name: 'onnxruntime', provider: 'cpu', adapter: 'c-api' });
  });
});
