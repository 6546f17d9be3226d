/** Tests of how namespaces share workers: in turns by what they have, within their quotas, and nobody waits for ever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Demand, Hands } from './demand.js';
import { keepers, type Schedule, schedule, shortfalls } from './schedule.js';
import { demandOf, given, handsOf, type Wish, type Worker, workersOf } from './testing/wishes.js';
import { EQUAL_SHARES, type Sharing } from './turns.js';

/** The first letter of an id names its namespace. */
function jobOf(all: readonly Worker[], wish: Wish): Demand<Worker> {
  return demandOf(all, { ...wish, namespace: wish.id.slice(0, 1) });
}

function look(workers: string, wishes: readonly Wish[], sharing: Sharing = EQUAL_SHARES) {
  const all = workersOf(workers);
  const demands = wishes.map((wish) => jobOf(all, wish));
  const hands = handsOf(all, demands);
  const plan = schedule(demands, hands, sharing);
  return { plan, waits: demands.map(shortfalls(demands, hands, plan, sharing)) };
}

function ids(wishes: readonly string[], more: Omit<Wish, 'id'> = {}): Wish[] {
  return wishes.map((id) => ({ id, ...more }));
}

const THREE_TO_ONE: Sharing = { ...EQUAL_SHARES, weightOf: (namespace) => (namespace === 'a' ? 3 : 1) };

describe('namespaces', () => {
  it.each<[string, string, Wish[], Sharing, string[]]>([
    ['take turns', 'c1 c2 c3 c4', ids(['a1', 'a2', 'a3', 'b1', 'b2']), EQUAL_SHARES, ['a1', 'b1', 'a2', 'b2']],
    [
      'take turns by their weights',
      'c1 c2 c3 c4 c5',
      ids(['a1', 'b1', 'a2', 'b2', 'a3', 'a4']),
      THREE_TO_ONE,
      ['a1', 'b1', 'a2', 'a3', 'b2'],
    ],
    [
      'that have more wait for those that have less',
      'c1 c2 c3',
      [{ id: 'a1', holds: 'c1 c2' }, ...ids(['a2', 'b1'])],
      EQUAL_SHARES,
      ['b1'],
    ],
    [
      'that have as much go by the submission',
      'c1 c2 c3',
      [{ id: 'a1', holds: 'c1' }, { id: 'b1', holds: 'c2' }, ...ids(['b2', 'a2'])],
      EQUAL_SHARES,
      ['b2'],
    ],
    [
      'are due parts of the workers that fit, whatever they have of others',
      'c1 g2 g3 g4',
      [{ id: 'b1', holds: 'g2 g3 g4' }, ...ids(['b2', 'a1'], { device: 'c' })],
      EQUAL_SHARES,
      ['b2'],
    ],
    [
      'do not come before a higher priority',
      'c1 c2 c3',
      [{ id: 'a1', holds: 'c1 c2' }, { id: 'a2', priority: 1 }, { id: 'b1' }].sort(
        (one, other) => (other.priority ?? 0) - (one.priority ?? 0),
      ),
      EQUAL_SHARES,
      ['a2'],
    ],
    [
      'have what their waiting jobs are to get counted',
      'c1 c2 g1 g2',
      [...ids(['a1'], { device: 'c', least: 2 }), { id: 'x', holds: 'c1' }, ...ids(['b1', 'a2'], { device: 'g' })],
      EQUAL_SHARES,
      ['b1', 'a2'],
    ],
    [
      'do not get what a job at the quota of its own lacks',
      'c1 c2 c3',
      [{ id: 'a1', holds: 'c1' }, ...ids(['a2'], { least: 2 }), ...ids(['a3', 'b1'])],
      { ...EQUAL_SHARES, quotaOf: (namespace) => (namespace === 'a' ? 2 : 9) },
      ['b1'],
    ],
    [
      'go past a job that no quota of theirs lets begin',
      'c1 c2 c3',
      [...ids(['a1'], { least: 3 }), ...ids(['a2'])],
      { ...EQUAL_SHARES, quotaOf: () => 2 },
      ['a2'],
    ],
  ])('%s', (_, workers, wishes, sharing, begins) => {
    expect(look(workers, wishes, sharing).plan.begins).toEqual(begins);
  });

  it('get workers for a job that cannot compute with what it holds before any of its equals', () => {
    const wishes = [{ id: 'a1', least: 2, holds: 'c1' }, ...ids(['b1'])];
    expect(given(look('c1 c2', wishes).plan.gives)).toEqual(['a1: c2']);
  });

  it('get workers for one that some were kept for before any of its equals, behind one that holds some in vain', () => {
    const wishes: Wish[] = [
      { id: 'a1', holds: 'c1' },
      { id: 'a2', least: 3, hasKept: true },
      { id: 'b1', least: 2, holds: 'c2' },
      ...ids(['b2', 'c1']),
    ];
    const { plan } = look('c1 c2 c3 c4', wishes);
    expect([given(plan.gives), given(plan.kept)]).toEqual([['b1: c3'], ['a2: c4']]);
    const places = [...plan.places.keys()];
    expect([places, plan.order().map(({ id }) => id)]).toEqual([
      ['b1', 'a2'],
      ['b1', 'a2', 'c1', 'b2'],
    ]);
  });

  it('look at each worker once for each job that grows, and make no count anew for each worker that they get', () => {
    let looks = 0;
    const all = workersOf(Array.from({ length: 52 }, (_, index) => `c${index}`).join(' '));
    const wishes: Wish[] = [
      { id: 'a1', size: 40, holds: 'c0' },
      { id: 'b1', size: 40, holds: 'c1' },
    ];
    const demands = wishes.map((drawn) => ({ ...jobOf(all, drawn), fits: () => ++looks > 0 }));
    const { gives } = schedule(demands, handsOf(all, demands));
    expect([gives.size, looks]).toEqual([50, 2 * 51]);
  });

  it('give a job no more than their quota', () => {
    const sharing = { ...EQUAL_SHARES, quotaOf: () => 2 };
    expect(given(look('c1 c2 c3', ids(['a1'], { wanted: 3 }), sharing).plan.gives)).toEqual(['a1: c1 c2']);
    const growing = [{ id: 'a1', size: 3, holds: 'c1' }];
    expect(given(look('c1 c2 c3', growing, sharing).plan.gives)).toEqual(['a1: c2']);
  });

  it('grow in turns with what nobody waits for', () => {
    const wishes: Wish[] = [
      { id: 'a1', size: 6, holds: 'c1' },
      { id: 'b1', size: 3, holds: 'c2 c3' },
    ];
    const grown = (sharing: Sharing): string[] => given(look('c1 c2 c3 c4 c5 c6', wishes, sharing).plan.gives);
    expect(grown(EQUAL_SHARES)).toEqual(['a1: c4 c5', 'b1: c6']);
    expect(grown(THREE_TO_ONE)).toEqual(['a1: c4 c5 c6']);
  });

  it('say in numbers what they have and are due', () => {
    const wishes: Wish[] = [{ id: 'a1', holds: 'c1 c2 c3' }, { id: 'b1', holds: 'c4' }, ...ids(['a2', 'b2'])];
    const shares = look('c1 c2 c3 c4 g5', wishes, THREE_TO_ONE)
      .waits.slice(2)
      .map(({ share }) => share);
    expect(shares).toEqual([
      { namespace: 'a', fit: 5, inUse: 4, due: 3.75 },
      { namespace: 'b', fit: 5, inUse: 1, due: 1.25 },
    ]);
    const capped = look('c1 c2', ids(['a1', 'a2']), { ...EQUAL_SHARES, quotaOf: () => 1 });
    expect(capped.waits[1]).toMatchObject({ share: null, quota: { namespace: 'a', inUse: 1, most: 1 } });
  });
});

const wish = fc.record({
  namespace: fc.constantFrom('a', 'b', 'c'),
  device: fc.constantFrom('', 'c', 'g'),
  least: fc.integer({ min: 1, max: 3 }),
  more: fc.nat(2),
  most: fc.nat(2),
});
const scene = fc.record({
  workers: fc.array(fc.constantFrom('c', 'g'), { minLength: 1, maxLength: 6 }),
  wishes: fc.array(wish, { maxLength: 10 }),
  weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
  quotas: fc.array(fc.constantFrom(1, 2, 4, Number.POSITIVE_INFINITY), { minLength: 3, maxLength: 3 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** Jobs that run until the test ends one. */
class Run {
  readonly all: readonly Worker[];
  readonly sharing: Sharing;
  demands: Demand<Worker>[];
  #submitted = 0;

  constructor({ workers, wishes, weights, quotas }: Scene) {
    this.all = workersOf(workers.map((device, index) => `${device}${index}`).join(' '));
    const of = (list: readonly number[], namespace: string): number => list['abc'.indexOf(namespace)] ?? 1;
    this.sharing = {
      weightOf: (namespace) => of(weights, namespace),
      quotaOf: (namespace) => of(quotas, namespace),
    };
    this.demands = wishes.map((drawn) => this.drawn(drawn));
  }

  drawn({ namespace, device, least, more, most }: Scene['wishes'][number]): Demand<Worker> {
    const id = `${namespace}${this.#submitted++}`;
    return jobOf(this.all, { id, device, least, wanted: least + more, size: least + more + most });
  }

  get hands(): Hands<Worker> {
    return handsOf(this.all, this.demands);
  }

  has(namespace: string): number {
    const own = this.demands.filter((demand) => demand.namespace === namespace);
    return own.reduce((sum, { holds }) => sum + holds.size, 0);
  }

  /** Whether it could run with all connected workers, within its quota. */
  isAble({ fits, least, namespace }: Demand<Worker>): boolean {
    return this.all.filter(fits).length >= least && least <= this.sharing.quotaOf(namespace);
  }

  /** Schedules until nothing changes. */
  settle(check: (plan: Schedule<Worker>) => void = () => {}): void {
    for (;;) {
      const plan = schedule(this.demands, this.hands, this.sharing);
      check(plan);
      const keeping = keepers(plan);
      this.demands = this.demands.map((demand) => ({
        ...demand,
        hasKept: demand.hasKept || keeping.has(demand.id),
        hasBegun: demand.hasBegun || plan.begins.includes(demand.id),
        holds: new Set([...demand.holds, ...this.all.filter((worker) => plan.gives.get(worker) === demand.id)]),
      }));
      if (plan.begins.length === 0 && plan.gives.size === 0) return;
    }
  }

  end(pick: number, stays = ''): string | null {
    const busy = this.demands.filter(({ id, holds }) => holds.size > 0 && id !== stays);
    const ends = busy[pick % Math.max(1, busy.length)];
    this.demands = this.demands.filter((demand) => demand !== ends);
    return ends?.id ?? null;
  }
}

describe('any sharing', () => {
  it('keeps to quotas, to the order of submission in a namespace, and leaves no worker idle that a job without one could have', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const run = new Run(drawn);
        run.settle(({ gives, kept, order, begins }) => {
          for (const namespace of ['a', 'b', 'c']) {
            const more = [...gives.values()].filter((id) => id.startsWith(namespace)).length;
            expect(run.has(namespace) + more).toBeLessThanOrEqual(run.sharing.quotaOf(namespace));
          }
          // Within a namespace those that wait have their turns as submitted.
          const turns = order().filter(({ hasBegun }) => !hasBegun);
          const sorted = (name: string): string[] =>
            turns.filter(({ namespace }) => namespace === name).map(({ id }) => id);
          for (const name of ['a', 'b', 'c']) {
            const submitted = run.demands.filter(({ namespace, hasBegun }) => namespace === name && !hasBegun);
            expect(sorted(name)).toEqual(submitted.map(({ id }) => id));
          }
          const wanting = run.demands.filter(({ hasBegun, holds, wanted }) => !hasBegun || holds.size < wanted);
          expect(new Set(order())).toEqual(new Set(wanting));
          // What is neither given nor kept is of no use to any job that waits, within its quota.
          const idle = run.hands.free.filter((worker) => !gives.has(worker) && !kept.has(worker));
          for (const demand of run.demands) {
            if (demand.hasBegun || begins.includes(demand.id) || !run.isAble(demand)) continue;
            if (run.sharing.quotaOf(demand.namespace) === Number.POSITIVE_INFINITY)
              expect(idle.filter(demand.fits)).toEqual([]);
          }
        });
      }),
    );
  });

  it('gives the next worker to the namespace that has least for its weight', () => {
    const job = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(job, { maxLength: 20 }), scene, (namespaces, drawn) => {
        const one = { device: '', least: 1, more: 0, most: 0 } as const;
        const wishes = namespaces.map((namespace) => ({ namespace, ...one }));
        const run = new Run({ ...drawn, wishes, quotas: [9, 9, 9] });
        const { begins } = schedule(run.demands, run.hands, run.sharing);
        const has = new Map<string, number>();
        const level = (name: string): number => (has.get(name) ?? 0) / run.sharing.weightOf(name);
        const waiting = run.demands.map(({ id }) => id);
        for (const id of begins) {
          const name = id.slice(0, 1);
          for (const other of waiting) {
            const its = level(other.slice(0, 1));
            if (its === level(name)) expect(waiting.indexOf(id)).toBeLessThanOrEqual(waiting.indexOf(other));
            else expect(level(name)).toBeLessThan(its);
          }
          waiting.splice(waiting.indexOf(id), 1);
          has.set(name, (has.get(name) ?? 0) + 1);
        }
        expect(begins.length).toBe(Math.min(run.all.length, namespaces.length));
      }),
    );
  });

  it('lets no job wait for ever while others come without end', () => {
    fc.assert(
      fc.property(scene, fc.infiniteStream(wish), fc.infiniteStream(fc.nat(100)), (drawn, more, picks) => {
        const run = new Run(drawn);
        const able = new Set(run.demands.filter((demand) => run.isAble(demand)).map(({ id }) => id));
        for (let turn = 0; turn < 2_000 && able.size > 0; turn++) {
          run.settle();
          const ended = run.end(picks.next().value ?? 0);
          if (ended) able.delete(ended);
          // As many as there is room for, and one more: a queue that never empties.
          while (run.demands.length < drawn.wishes.length + 8) run.demands.push(run.drawn(more.next().value));
        }
        expect([...able]).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('begins a gang that workers are kept for after as many ends as there are workers, however others stream', () => {
    const stream = fc.record({ namespace: fc.constantFrom('b', 'c'), least: fc.integer({ min: 1, max: 2 }) });
    const count = fc.integer({ min: 4, max: 6 });
    fc.assert(
      fc.property(
        count,
        fc.nat(3),
        fc.infiniteStream(stream),
        fc.infiniteStream(fc.nat(100)),
        (workers, more, jobs, picks) => {
          const one = { device: '', least: 1, more: 0, most: 0 } as const;
          const least = Math.min(2 + more, workers - 1);
          const run = new Run({
            ...{ workers: Array.from({ length: workers }, () => 'c'), wishes: [{ ...one, namespace: 'a' }] },
            ...{ weights: [1, 1, 1], quotas: [9, 9, 9] },
          });
          run.settle();
          const [long] = run.demands.map(({ id }) => id);
          const gang = run.drawn({ ...one, namespace: 'a', least });
          let ends = 0;
          const begins = (): boolean => run.demands.some(({ id, hasBegun }) => id === gang.id && hasBegun);
          const drawnJob = (): Demand<Worker> => run.drawn({ ...one, ...jobs.next().value });
          // All workers are busy when the gang comes.
          while (run.demands.length < workers + 8) run.demands.push(drawnJob());
          run.settle();
          run.demands.splice(1, 0, gang);
          for (let turn = 0; turn < 500 && !begins(); turn++) {
            run.end(picks.next().value ?? 0, long);
            while (run.demands.length < workers + 8) run.demands.push(drawnJob());
            run.settle();
            if (run.demands.some(({ id, hasKept }) => id === gang.id && hasKept)) ends++;
          }
          expect([begins(), ends <= workers]).toEqual([true, true]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is settled for ten thousand jobs of many namespaces and a thousand workers', () => {
    const all = workersOf(Array.from({ length: 1000 }, (_, index) => `c${index}`).join(' '));
    const wishes = Array.from({ length: 10_000 }, (_, index) => ({
      id: `${String.fromCodePoint(0x4e00 + (index % 50))}${index}`,
      least: 1 + (index % 4),
    }));
    const demands = wishes.map((drawn) => jobOf(all, drawn));
    const plan = schedule(demands, { all, free: all });
    expect(plan.gives.size + plan.kept.size).toBe(1000);
    expect(plan.order().length).toBe(10_000);
    const counts = new Map<string, number>();
    for (const id of plan.gives.values()) counts.set(id.slice(0, 1), (counts.get(id.slice(0, 1)) ?? 0) + 1);
    expect(counts.size).toBe(50);
    // Of 50 alike each is due 20; jobs take up to 4 at once.
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(4);
  });
});
