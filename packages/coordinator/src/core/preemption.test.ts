/** Tests of who makes room for whom. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preemption } from './preemption.js';
import { schedule } from './schedule.js';
import { demandOf, handsOf, type Wish, workersOf } from './testing/wishes.js';
import { EQUAL_SHARES, type Sharing } from './turns.js';

function look(workers: string, wishes: readonly Wish[], stays = '', sharing: Sharing = EQUAL_SHARES) {
  const all = workersOf(workers);
  const demands = wishes.map((wish) => demandOf(all, wish));
  const hands = handsOf(all, demands);
  return preemption(demands, hands, schedule(demands, hands, sharing), ({ id }) => id !== stays, sharing);
}

describe('room for a job of higher priority', () => {
  const high = { id: 'high', priority: 5 };

  it.each<[string, string, Wish[], string[]]>([
    [
      'is made by the lowest',
      '1 2',
      [high, { id: 'mid', priority: 1, holds: '1' }, { id: 'low', holds: '2' }],
      ['low'],
    ],
    [
      'is made by the newest of one priority',
      '1 2',
      [high, { id: 'old', holds: '1' }, { id: 'new', holds: '2' }],
      ['new'],
    ],
    [
      'is made by no more than it needs',
      '1 2 3',
      [
        { ...high, least: 2 },
        { id: 'two', holds: '1 2' },
        { id: 'one', holds: '3' },
      ],
      ['two'],
    ],
    [
      'is made with workers that are free',
      '1 2 3',
      [
        { ...high, least: 2 },
        { id: 'r', holds: '1' },
        { id: 's', holds: '2' },
      ],
      ['s'],
    ],
    [
      'is made by several',
      '1 2',
      [
        { ...high, least: 2 },
        { id: 'r', holds: '1' },
        { id: 's', holds: '2' },
      ],
      ['s', 'r'],
    ],
    [
      'is made in one class',
      '1 2 3:b',
      [
        { ...high, least: 2 },
        { id: 'r', holds: '1 2' },
        { id: 's', holds: '3' },
      ],
      ['r'],
    ],
    [
      'is made for the first that can have it',
      '1',
      [
        { ...high, least: 2 },
        { id: 'next', priority: 1 },
        { id: 'r', holds: '1' },
      ],
      ['r'],
    ],
  ])('%s', (_, workers, wishes, victims) => {
    expect(look(workers, wishes)?.victims).toEqual(victims);
  });

  it.each<[string, string, Wish[]]>([
    ['by a job of the same priority', '1', [{ id: 'r', priority: 5, holds: '1' }, high]],
    [
      'by one of the same priority where the lowest may not',
      '1 2',
      [high, { id: 'r', priority: 5, holds: '1' }, { id: 'stays', holds: '2' }],
    ],
    ['where one begins anyway', '1 2', [high, { id: 'r', holds: '1' }]],
    [
      'where all of them together are too few',
      '1 2 3:b',
      [
        { ...high, least: 3 },
        { id: 'r', holds: '1 2' },
      ],
    ],
    [
      'for one that an earlier one of its priority would keep the workers from',
      '1 2 3 4',
      [
        { id: 'e', priority: 5, least: 2, holds: '1 2' },
        { id: 'p', priority: 5, least: 4 },
        { id: 'q', priority: 5, least: 2 },
        { id: 'r', holds: '3' },
        { id: 's', holds: '4' },
      ],
    ],
    [
      'for one whose turn another takes once room is made',
      '1 2 3 4',
      [
        { id: 'x', namespace: 'n1', priority: 5, least: 3 },
        { id: 'y', namespace: 'n2', priority: 5, least: 4 },
        { id: 'r', namespace: 'n1', priority: 5, holds: '1' },
        { id: 's', namespace: 'n2', holds: '2 3 4' },
      ],
    ],
    ['by a job that may not now', '1', [high, { id: 'stays', holds: '1' }]],
    ['where nobody waits', '1', [{ id: 'r', holds: '1' }]],
  ])('is not made %s', (_, workers, wishes) => {
    expect(look(workers, wishes, 'stays')).toBeNull();
  });

  it('is made for the namespace that has least, not for one at its quota', () => {
    const wishes: Wish[] = [
      { id: 'm', namespace: 'a', priority: 9, holds: '1' },
      { id: 'x', namespace: 'a', priority: 5 },
      { id: 'y', namespace: 'b', priority: 5 },
      { id: 'r', namespace: 'c', holds: '2' },
    ];
    expect(look('1 2', wishes)?.for).toBe('y');
    const alone = wishes.filter(({ id }) => id !== 'y');
    expect(look('1 2', alone)?.for).toBe('x');
    expect(look('1 2', alone, '', { ...EQUAL_SHARES, quotaOf: () => 1 })).toBeNull();
  });

  it('is enough, made by jobs of lower priority only, and by none that is not needed', () => {
    const job = fc.record({ priority: fc.integer({ min: 0, max: 3 }), least: fc.integer({ min: 1, max: 4 }) });
    const running = fc.record({ priority: fc.integer({ min: 0, max: 3 }), holds: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(job, { maxLength: 4 }),
        fc.array(running, { maxLength: 4 }),
        fc.nat(3),
        (waits, runs, free) => {
          const names = (first: number, count: number): string[] =>
            Array.from({ length: count }, (_, index) => `${first + index}`);
          let next = 0;
          const held = runs.map(({ priority, holds }, index) => {
            const own = names(next, holds);
            next += holds;
            return { id: `r${index}`, priority, least: 1, holds: own.join(' ') };
          });
          const wishes = [...held, ...waits.map((wish, index) => ({ id: `w${index}`, ...wish }))];
          wishes.sort((one, other) => other.priority - one.priority);
          const found = look(names(0, next + free).join(' '), wishes);
          if (!found) return;
          const winner = wishes.find(({ id }) => id === found.for);
          const victims = held.filter(({ id }) => found.victims.includes(id));
          const given = victims.map(({ holds }) => holds.split(' ').filter(Boolean).length);
          const all = given.reduce((sum, count) => sum + count, 0);
          const { priority = 0, least = 0 } = winner ?? {};
          expect(victims.length).toBe(found.victims.length);
          expect(victims.every((victim) => victim.priority < priority)).toBe(true);
          expect(all + free).toBeGreaterThanOrEqual(least);
          // Without any one of them it would not be enough, with all that was free and kept for nobody before it.
          expect(given.every((count) => all - count < least)).toBe(true);
        },
      ),
    );
  });
});
