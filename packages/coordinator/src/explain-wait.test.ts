/** Tests of what waiting jobs say. */
import { describe, expect, it } from 'vitest';
import { explainWait, type Wait } from './explain-wait.js';

const WAIT: Wait = {
  ...{
    place: 1,
    needs: 2,
    device: 'auto',
    engine: 'onnxruntime',
    fit: 3,
    connected: 4,
    free: 1,
    keptFor: null,
    share: null,
    quota: null,
  },
  running: [{ id: 'a', state: 'running', holds: 2 }],
  named: (id) => (id.startsWith('other') ? 'a job of another namespace' : id),
};

describe('a waiting job', () => {
  it.each<[Partial<Wait>, string]>([
    [{}, 'waits for 2 workers: 3 of 4 connected fit, 1 free; a is running and holds 2'],
    [{ engine: 'tfjs', fit: 0 }, 'waits for 2 workers with engine tfjs: 0 of 4 connected fit'],
    [
      { device: 'cpu', engine: 'tfjs', fit: 0 },
      'waits for 2 workers with device cpu and engine tfjs: 0 of 4 connected fit',
    ],
    [{ device: 'cuda', fit: 0 }, 'waits for 2 workers with device cuda: 0 of 4 connected fit'],
    [
      { place: 2, needs: 1, keptFor: 'b' },
      '2nd in the queue: waits for 1 worker: 3 of 4 connected fit, 1 free, kept for b; a is running and holds 2',
    ],
    [
      { keptFor: 'other-1', running: [{ id: 'other-2', state: 'running', holds: 2 }] },
      'waits for 2 workers: 3 of 4 connected fit, 1 free, kept for a job of another namespace; a job of another namespace is running and holds 2',
    ],
    [{ place: 11, fit: 1 }, '11th in the queue: waits for 2 workers: 1 of 4 connected fit'],
    [
      { share: { namespace: 'vision', fit: 6, inUse: 4, due: 3 } },
      'waits for 2 workers: 3 of 4 connected fit, 1 free; a is running and holds 2; namespace vision has 4 of 6 workers that fit, its share is 3',
    ],
    [
      {
        share: { namespace: 'vision', fit: 4, inUse: 1, due: 4 / 3 },
        quota: { namespace: 'vision', inUse: 1, most: 2 },
      },
      'waits for 2 workers: 3 of 4 connected fit, 1 free; a is running and holds 2; namespace vision has 1 worker, its quota is 2',
    ],
    [
      { place: 23, running: ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, state: 'running', holds: 1 })) },
      `23rd in the queue: waits for 2 workers: 3 of 4 connected fit, 1 free${['a', 'b', 'c'].map((id) => `; ${id} is running and holds 1`).join('')}; 2 more jobs run`,
    ],
  ])('%j says %s', (more, text) => {
    expect(explainWait({ ...WAIT, ...more })).toBe(text);
  });
});
