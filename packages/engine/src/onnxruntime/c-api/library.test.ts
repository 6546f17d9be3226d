import koffi from 'koffi';
import { describe, expect, it } from 'vitest';
import { NATIVE_STACK_BYTES } from '../../limits.js';
import { FUNCTIONS } from './functions.js';
import { loadLibrary } from './library.js';
import { Native } from './native.js';

describe('the library of the C API', () => {
  it('is loaded once, with every function of the table at a place of its own', () => {
    const library = loadLibrary();
    expect(library.version).toMatch(/^1\.\d+\.\d+$/);
    expect(loadLibrary()).toBe(library);
    const indices = Object.values(FUNCTIONS).map(({ index }) => index);
    expect(new Set(indices).size).toBe(indices.length);
    expect(indices).toEqual([...indices].sort((left, right) => left - right));
  });

  it('gives native calls the stack of a main thread, also on other threads', () => {
    loadLibrary();
    expect(koffi.config()).toMatchObject({
      sync_stack_size: NATIVE_STACK_BYTES,
      async_stack_size: NATIVE_STACK_BYTES,
    });
  });

  it("turns a status into an error with the library's own text", () => {
    const native = new Native(loadLibrary());
    const { api } = native.library;
    const options = native.result((out) => api.createSessionOptions(out), Error);
    const fail = (message: string) => new Error(`said: ${message}`);
    expect(() => native.check(api.setSessionGraphOptimizationLevel(options, 12345), fail)).toThrow(/^said: .*level/i);
    api.releaseSessionOptions(options);
  });
});
