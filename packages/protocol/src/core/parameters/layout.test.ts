import { describe, expect, it } from 'vitest';
import { canonicalParameterBytes, layoutParameters, tensorView } from './layout.js';

const LAYOUT = layoutParameters([
  { name: '0_dense/kernel', shape: [3, 7], trainable: true },
  { name: '0_dense/bias', shape: [7], trainable: true },
  { name: '1_norm/mean', shape: [7], trainable: false },
  { name: '2_scale', shape: [], trainable: true },
]);

describe('the layout of parameters', () => {
  it('starts each tensor on a 64-byte boundary, in order', () => {
    expect(LAYOUT.tensors.map(({ start, length }) => [start, length])).toEqual([
      [0, 21],
      [32, 7],
      [48, 7],
      [64, 1],
    ]);
    expect(LAYOUT.elementCount).toBe(80);
    expect(layoutParameters([])).toEqual({ tensors: [], elementCount: 0 });
  });

  it('gives a tensor as a view', () => {
    const flat = new Float32Array(LAYOUT.elementCount);
    tensorView(flat, LAYOUT.tensors[1]!).fill(5);
    expect([...flat].filter((value) => value === 5).length).toBe(7);
    expect(flat[31]).toBe(0);
    expect(flat[32]).toBe(5);
  });

  it('hashes trainable tensors only, little-endian and without padding', () => {
    const flat = Float32Array.from({ length: LAYOUT.elementCount }, (_, index) => index);
    const bytes = canonicalParameterBytes(flat, LAYOUT);
    expect(bytes.map((part) => part.length)).toEqual([84, 28, 4]);
    expect(Buffer.from(bytes[1]!).readFloatLE(4)).toBe(33);
    expect([...bytes[2]!]).toEqual([0, 0, 0x80, 0x42]);
  });
});
