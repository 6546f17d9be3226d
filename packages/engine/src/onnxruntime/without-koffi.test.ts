import { describe, expect, it, vi } from 'vitest';
import { identifyNumerics } from '../numeric-class.js';
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
    expect((await identifyNumerics(engine, 1)).numericClass).toMatch(/\/binding\/.*denormals=kept\/golden=/);
  });

  it('refuses when the C API is asked for by name', async () => {
    await expect(createEngine({ adapter: 'c-api' })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
});
