import { describe, expect, it } from 'vitest';
import { childLine } from '../render/child-line.js';
import { nextPause } from './supervised-worker.js';

describe('the pause before a worker starts again', () => {
  it('doubles with each early death, up to half a minute, and is short again after a long life', () => {
    const pauses = [0, 0, 0, 0, 0, 0, 0, 0].reduce<number[]>(
      (known) => [...known, nextPause(known.at(-1) ?? 0, 100)],
      [],
    );
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(nextPause(30_000, 60_000)).toBe(500);
  });
});

describe('a line of a process of a local service', () => {
  it.each([
    [
      '{"level":40,"time":1,"process":"coordinator","pid":7,"worker":"w0","why":"gone","msg":"lost"}',
      'c: lost  worker=w0  why=gone',
    ],
    ['{"level":40,"worker":"c","pid":7,"step":3,"msg":"slow"}', 'c: slow  step=3'],
    ['Segmentation fault', 'c: Segmentation fault'],
    ['{"error":{"code":"USAGE"}}', null],
    ['', null],
  ])('%s is shown as %s', (line, text) => {
    expect(childLine('c', line)).toBe(text);
  });
});
