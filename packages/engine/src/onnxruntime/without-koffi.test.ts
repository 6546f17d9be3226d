import { describe, expect, it, vi } from 'vitest';
import { createEngine } from '../select.js';

vi.mock('koffi', () => {
  throw new Error('koffi is not installed');
});

describe('an installation without koffi', () => {
  it('falls back to the binding and says why', async () => {
    const reasons: string[] = [];
    const engine = await createEngine({ onFallback: ({ code, message }) => reasons.push(`${code} ${message}`) });
    expect(engine.description.adapter).toBe('binding');
    expect(reasons).toEqual([expect.stringMatching(/^ENGINE_UNAVAILABLE ONNX Runtime's C API cannot be called: ./)]);
  });

  it('computes with memory of its own', async () => {
    const engine = await createEngine();
    expect(await engine.numericClass(1)).toMatch(/\/binding\/.*denormals=kept$/);
  });

  it('refuses when the C API is asked for by name', async () => {
    await expect(createEngine({ adapter: 'c-api' })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
});
