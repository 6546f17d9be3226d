/** Tests of long work beside others. */
import { describe, expect, it } from 'vitest';
import { inTurns } from './in-turns.js';

function* pieces(count: number): Generator<void, string> {
  for (let piece = 1; piece < count; piece++) yield;
  return 'done';
}

/** Turns that others had while some pieces were worked on. */
async function turnsDuring(count: number): Promise<number> {
  let turns = 0;
  const turn = (): void => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  expect(await inTurns(pieces(count))).toBe('done');
  clearImmediate(next);
  return turns;
}

describe('inTurns', () => {
  it('lets others have a turn between two pieces', async () => {
    expect(await turnsDuring(4)).toBeGreaterThanOrEqual(2);
  });

  it('is done at once with a single piece', async () => {
    expect(await turnsDuring(1)).toBe(0);
  });

  it('hands on what a piece throws', async () => {
    const failing = (function* (): Generator<void, void> {
      yield;
      throw new Error('no');
    })();
    await expect(inTurns(failing)).rejects.toThrow('no');
  });
});
