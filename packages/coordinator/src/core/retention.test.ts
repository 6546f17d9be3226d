/** Tests of which ended jobs are kept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EndedJob, leastMissed, outdated, type Retention, type Room } from './retention.js';

const NOW = 10_000;
const GRACE = 10;

/** "a1 a2 b1": a job of namespace a that ended at 1, and so on. */
function jobs(text: string): EndedJob[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((id) => ({ id, namespace: id.slice(0, 1), endedUnixSeconds: Number(id.slice(1)) }));
}

function keep(keepSeconds: number, keepJobs: number): () => Retention {
  return () => ({ keepSeconds, keepJobs });
}

function room(namespace: string): Room {
  return { namespace, mayGo: () => true, nowUnixSeconds: NOW, graceSeconds: GRACE };
}

describe('ended jobs', () => {
  it.each<[string, string, () => Retention, string[]]>([
    ['are kept for a time', 'a8999 a9000 b100', keep(1000, 9), ['b100 age', 'a8999 age']],
    ['are kept up to a number of each namespace', 'a1 a2 a3 b4', keep(1e6, 2), ['a1 number']],
    ['go by their end, not by their place in the list', 'a3 a1 a2', keep(1e6, 1), ['a1 number', 'a2 number']],
    ['stay a while after their end', 'a9995 a9996 a9997', keep(0, 0), []],
    ['go all where none is kept', 'a9000', keep(1e6, 0), ['a9000 number']],
  ])('%s', (_, text, retention, gone) => {
    expect(outdated(jobs(text), retention, NOW, GRACE).map(({ id, why }) => `${id} ${why}`)).toEqual(gone);
  });

  it('are kept as their own namespace says', () => {
    const of = (namespace: string): Retention => ({ keepSeconds: 1e6, keepJobs: namespace === 'a' ? 1 : 9 });
    expect(outdated(jobs('a1 a2 b1 b2'), of, NOW, GRACE)).toEqual([{ id: 'a1', why: 'number' }]);
  });

  it('make room in the namespace that has the most of them', () => {
    expect(leastMissed(jobs('b1 a5 a3 a4 c1'), room('c'))).toBe('a3');
    expect(leastMissed([], room('c'))).toBeNull();
  });

  it('make no room while their clients may still take their models', () => {
    expect(leastMissed(jobs('a9990 a9989 a9995'), room('a'))).toBe('a9989');
    expect(leastMissed(jobs('a9990 a9995'), room('a'))).toBeNull();
  });

  it('make room in the next namespace where none of the largest may go, and in none that has fewer than it asks', () => {
    const all = jobs('a9991 a9992 a9993 b2 b1 c1');
    expect(leastMissed(all, room('d'))).toBe('b1');
    expect(leastMissed(all, room('b'))).toBe('b1');
    expect(leastMissed(all, room('a'))).toBeNull();
    expect(leastMissed(all, { ...room('c'), mayGo: (id) => id !== 'b1' })).toBe('b2');
    expect(leastMissed(all, { ...room('c'), mayGo: (id) => id !== 'b1' && id !== 'b2' })).toBe('c1');
  });

  it('of a namespace are kept in its number whatever others do', () => {
    const job = fc.record({ namespace: fc.constantFrom('a', 'b', 'c'), endedUnixSeconds: fc.nat(NOW - GRACE - 1) });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 30 }), fc.nat(5), (drawn, number) => {
        const all = drawn.map((each, index) => ({ id: `${index}`, ...each }));
        const gone = new Set(outdated(all, keep(1e6, number), NOW, GRACE).map(({ id }) => id));
        for (const namespace of ['a', 'b', 'c']) {
          const own = all.filter((each) => each.namespace === namespace);
          const kept = own.filter(({ id }) => !gone.has(id));
          expect(kept.length).toBe(Math.min(number, own.length));
          const oldest = Math.min(...kept.map(({ endedUnixSeconds }) => endedUnixSeconds));
          for (const { id, endedUnixSeconds } of own)
            if (gone.has(id)) expect(endedUnixSeconds).toBeLessThanOrEqual(oldest);
        }
      }),
    );
  });

  it('are never lost to a namespace that has fewer', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 30 }), (drawn) => {
        const all = drawn.map((namespace, index) => ({ id: `${index}`, namespace, endedUnixSeconds: index }));
        const counts = drawn.map((namespace) => drawn.filter((other) => other === namespace).length);
        expect(counts[Number(leastMissed(all, room('d')))]).toBe(Math.max(...counts));
      }),
    );
  });
});
