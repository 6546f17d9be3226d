import { describe, expect, it } from 'vitest';
import { checkpointOf } from '../testing/checkpoints.js';
import type { Checkpoint } from './checkpoint.js';
import { decodeCheckpoint, encodeCheckpoint, PIECE_BYTES } from './codec.js';

/** Reads bytes as a file, and notes how many are asked for at once. */
async function decode(bytes: Uint8Array, asked: number[] = []): Promise<Checkpoint> {
  const decoding = decodeCheckpoint(bytes.length);
  for (let at = 0; ; ) {
    const next = decoding.next();
    if (next.done) return next.value;
    asked.push(next.value.length);
    next.value.set(bytes.subarray(at, at + next.value.length));
    at += next.value.length;
  }
}

const bytes = (): Uint8Array => Buffer.concat([...encodeCheckpoint(checkpointOf(7, [0.5, 0.25]))]);

describe('the bytes of a checkpoint', () => {
  it('give back every bit of it', async () => {
    expect(await decode(bytes())).toEqual(checkpointOf(7, [0.5, 0.25]));
  });

  it('give back the residual of each lane, with and without the best parameters', async () => {
    const residuals = [new Float32Array(20).fill(3), new Float32Array(20).fill(-0.5)];
    for (const bestParameters of [null, new Float32Array(20).fill(9)]) {
      const checkpoint = { ...checkpointOf(7), bestParameters, residuals };
      expect(await decode(Buffer.concat([...encodeCheckpoint(checkpoint)]))).toEqual(checkpoint);
    }
  });

  it('keep numbers that JSON has none for', async () => {
    const odd = checkpointOf(7, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
    expect(await decode(Buffer.concat([...encodeCheckpoint(odd)]))).toEqual(odd);
  });

  it('are refused when cut anywhere', async () => {
    const whole = bytes();
    for (let length = 0; length < whole.length; length += 13) {
      await expect(decode(whole.subarray(0, length))).rejects.toThrow();
    }
  });

  it('A32 are refused with any byte changed', async () => {
    const whole = bytes();
    for (let at = 0; at < whole.length; at += 11) {
      const changed = Uint8Array.from(whole);
      changed[at] = (changed[at] as number) ^ 1;
      await expect(decode(changed)).rejects.toThrow();
    }
  });

  it('of another format are named', async () => {
    await expect(decode(Buffer.alloc(200))).rejects.toThrow('it is no checkpoint of this format');
  });

  it('of a large model are hashed, written and read in pieces', async () => {
    const large = { ...checkpointOf(7), parameters: new Float32Array(3_000_000).fill(0.1) };
    large.optimizer = { vectors: { mean: new Float32Array(3_000_000).fill(0.2) }, numbers: {} };
    const pieces = [...encodeCheckpoint(large)];
    const asked: number[] = [];
    const found = await decode(Buffer.concat(pieces), asked);
    expect(Math.max(...pieces.map(({ length }) => length), ...asked)).toBe(PIECE_BYTES);
    expect(found.parameters[2_999_999]).toBe(large.parameters[2_999_999]);
    expect(found.optimizer.vectors.mean?.[0]).toBe(large.optimizer.vectors.mean?.[0]);
  });
});
