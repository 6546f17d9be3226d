import { describe, expect, it } from 'vitest';
import { checkpointOf } from '../testing/checkpoints.js';
import { decodeCheckpoint, encodeCheckpoint } from './codec.js';

const bytes = (): Uint8Array => Buffer.concat([...encodeCheckpoint(checkpointOf(7, [0.5, 0.25]))]);

describe('the bytes of a checkpoint', () => {
  it('give back every bit of it', () => {
    expect(decodeCheckpoint(bytes())).toEqual(checkpointOf(7, [0.5, 0.25]));
  });

  it('keep numbers that JSON has none for', () => {
    const odd = checkpointOf(7, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
    expect(decodeCheckpoint(Buffer.concat([...encodeCheckpoint(odd)]))).toEqual(odd);
  });

  it('are refused when cut anywhere', () => {
    const whole = bytes();
    for (let length = 0; length < whole.length; length += 13) {
      expect(() => decodeCheckpoint(whole.subarray(0, length))).toThrow();
    }
  });

  it('are refused with any byte changed', () => {
    const whole = bytes();
    for (let at = 0; at < whole.length; at += 11) {
      const changed = Uint8Array.from(whole);
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => decodeCheckpoint(changed)).toThrow();
    }
  });

  it('of another format are named', () => {
    expect(() => decodeCheckpoint(Buffer.alloc(200))).toThrow('it is no checkpoint of this format');
  });
});
