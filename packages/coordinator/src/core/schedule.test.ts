/** Tests of the schedule: who begins, who gets which worker, who waits, and that nobody waits for ever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Demand, Hands } from './demand.js';
import { type Schedule, schedule, shortfalls } from './schedule.js';
import { demandOf, given, handsOf, type Wish, type Worker, workersOf } from './testing/wishes.js';

function look(workers: string, wishes: readonly Wish[]) {
  const all = workersOf(workers);
  const demands = wishes.map((wish) => demandOf(all, wish));
  const hands = handsOf(all, demands);
  const plan = schedule(demands, hands);
  return { plan, waits: demands.map(shortfalls(demands, hands, plan)) };
}

describe('a schedule', () => {
  it.each<[string, string, Wish[], { begins: string[]; gives?: string[]; kept?: string[] }]>([
    [
      'begins jobs in their order',
      'c1 c2',
      [{ id: 'x' }, { id: 'y' }],
      { begins: ['x', 'y'], gives: ['x: c1', 'y: c2'] },
    ],
    [
      'gives a job what it asks for, where there is enough',
      'c1 c2 c3',
      [{ id: 'x', least: 1, wanted: 2 }],
      { begins: ['x'], gives: ['x: c1 c2'] },
    ],
    [
      'begins no job beside others without all that it needs, and keeps that for it',
      'c1 c2 c3',
      [{ id: 'r', wanted: 2, holds: 'c1 c2' }, { id: 'x', least: 2 }, { id: 'y' }],
      { begins: [], kept: ['x: c3'] },
    ],
    [
      'passes a job whose device is not there',
      'c1 c2',
      [{ id: 'r', holds: 'c1' }, { id: 'x', device: 'g' }, { id: 'y' }],
      { begins: ['y'], gives: ['y: c2'] },
    ],
    [
      'passes a job that needs more workers than are connected',
      'c1 c2',
      [{ id: 'r', holds: 'c1' }, { id: 'x', least: 3 }, { id: 'y' }],
      { begins: ['y'], gives: ['y: c2'] },
    ],
    [
      'passes a job that needs more workers than compute the same bits',
      'c1 c2 c3:b',
      [{ id: 'r', holds: 'c1' }, { id: 'x', least: 3 }, { id: 'y' }],
      { begins: ['y'], gives: ['y: c2'] },
    ],
    [
      'lets others have workers that do not fit the job that waits',
      'c1 g2 g3',
      [{ id: 'r', holds: 'g2' }, { id: 'x', device: 'g', least: 2 }, { id: 'y' }],
      { begins: ['y'], gives: ['y: c1'], kept: ['x: g3'] },
    ],
    [
      'gives a job workers of one class, that of most',
      'c1 c2:b c3:b',
      [{ id: 'x', wanted: 3 }],
      { begins: ['x'], gives: ['x: c2 c3'] },
    ],
    [
      'fills a job that runs up to what it asks for, then begins others',
      'c1 c2 c3',
      [{ id: 'r', wanted: 2, size: 3, holds: 'c1' }, { id: 'x' }],
      { begins: ['x'], gives: ['r: c2', 'x: c3'] },
    ],
    [
      'lets a job that runs grow beyond what it asks for only with what nobody waits for',
      'c1 c2 c3',
      [
        { id: 'r', size: 3, holds: 'c1' },
        { id: 'x', least: 3 },
      ],
      { begins: [], kept: ['x: c2 c3'] },
    ],
    ['lets a job that runs grow', 'c1 c2 c3', [{ id: 'r', size: 2, holds: 'c1' }], { begins: [], gives: ['r: c2'] }],
    [
      'keeps workers from a job that runs and was submitted later',
      'c1 c2 c3',
      [
        { id: 'x', least: 3 },
        { id: 'r', wanted: 3, holds: 'c1' },
      ],
      { begins: [], kept: ['x: c2 c3'] },
    ],
    [
      'gives none to a job that has begun and cannot go on with them',
      'c1',
      [{ id: 'r', least: 2, holds: '' }, { id: 'x' }],
      { begins: ['x'], gives: ['x: c1'] },
    ],
    [
      'begins the first where none can run, so that its data is ready',
      '',
      [{ id: 'x' }, { id: 'y' }],
      { begins: ['x'] },
    ],
    ['begins no other before its time', '', [{ id: 'x', holds: '' }, { id: 'y' }], { begins: [] }],
  ])('%s', (_, workers, wishes, { begins, gives = [], kept = [] }) => {
    const { plan } = look(workers, wishes);
    expect([plan.begins, given(plan.gives), given(plan.kept)]).toEqual([begins, gives, kept]);
  });

  it('says in numbers why a job waits', () => {
    const { waits } = look('c1 c2 c3:b g4', [
      ...[
        { id: 'r', holds: 'c1' },
        { id: 'x', device: 'c', least: 2 },
        { id: 'y', device: 'c', least: 2 },
      ],
      { id: 'z', device: 'g', least: 2 },
    ]);
    const alone = { share: null, quota: null };
    expect(waits.slice(1)).toEqual([
      { fit: 2, connected: 4, free: 2, keptFor: null, ...alone },
      { fit: 2, connected: 4, free: 2, keptFor: 'x', ...alone },
      { fit: 1, connected: 4, free: 1, keptFor: null, ...alone },
    ]);
  });
});

/** Jobs and workers that are there from the start. */
const scene = fc.record({
  workers: fc.array(fc.constantFrom('c:a', 'c:b', 'g:a'), { maxLength: 6 }),
  wishes: fc.array(
    fc.tuple(fc.constantFrom('', 'c', 'g'), fc.nat(3), fc.nat(2), fc.nat(2)).map(([device, least, more, most]) => ({
      ...{ device, least: least + 1, wanted: least + 1 + more, size: least + 1 + more + most },
    })),
    { maxLength: 6 },
  ),
});

/** Jobs that run until the test ends one. */
class Run {
  readonly all: readonly Worker[];
  demands: Demand<Worker>[];

  constructor({ workers, wishes }: { workers: readonly string[]; wishes: readonly Omit<Wish, 'id'>[] }) {
    this.all = workersOf(workers.map((word, index) => word.replace(':', `${index}:`)).join(' '));
    this.demands = wishes.map((wish, index) => demandOf(this.all, { ...wish, id: `j${index}` }));
  }

  get hands(): Hands<Worker> {
    return handsOf(this.all, this.demands);
  }

  /** Most workers that fit a job together. */
  together({ fits }: Demand<Worker>, among: readonly Worker[] = this.all): number {
    const classes = among.filter(fits).map(({ numericClass }) => numericClass);
    return Math.max(0, ...classes.map((name) => classes.filter((other) => other === name).length));
  }

  apply({ begins, gives }: Schedule<Worker>): void {
    this.demands = this.demands.map((demand) => ({
      ...demand,
      hasBegun: demand.hasBegun || begins.includes(demand.id),
      holds: new Set([...demand.holds, ...this.all.filter((worker) => gives.get(worker) === demand.id)]),
    }));
  }

  /** Schedules until nothing changes. */
  settle(check: (plan: Schedule<Worker>) => void): void {
    for (;;) {
      const plan = schedule(this.demands, this.hands);
      check(plan);
      if (plan.begins.length === 0 && plan.gives.size === 0) return;
      this.apply(plan);
    }
  }

  check({ begins, gives, kept }: Schedule<Worker>): void {
    const { free } = this.hands;
    this.demands.forEach((demand, at) => {
      const got = this.all.filter((worker) => gives.get(worker) === demand.id);
      const held = [...demand.holds, ...got];
      expect(got.every((worker) => free.includes(worker) && !kept.has(worker) && demand.fits(worker))).toBe(true);
      expect(new Set(held.map(({ numericClass }) => numericClass)).size).toBeLessThanOrEqual(1);
      expect(held.length).toBeLessThanOrEqual(demand.size);
      if (got.length > 0) expect(held.length).toBeGreaterThanOrEqual(demand.least);
      if (demand.hasBegun || begins.includes(demand.id)) return;
      // Nobody behind takes what a job could run on, and none of its equals begins before it.
      if (this.together(demand) < demand.least) return;
      const behind = this.demands.slice(at + 1).map(({ id }) => id);
      const taken = [...gives].filter(([worker, id]) => behind.includes(id) && demand.fits(worker));
      const useful = taken.filter(([{ numericClass }]) => {
        const team = this.all.filter((worker) => worker.numericClass === numericClass);
        return this.together(demand, team) >= demand.least;
      });
      expect(useful).toEqual([]);
    });
    const [head] = this.demands.filter(({ hasBegun }) => !hasBegun);
    if (head && this.demands[0] === head && this.together(head, free) >= head.least) {
      expect(begins).toContain(head.id);
    }
  }
}

describe('any schedule', () => {
  it('gives each worker to one job that it fits, and keeps to the order among those that could run', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const run = new Run(drawn);
        run.settle((plan) => run.check(plan));
      }),
    );
  });

  it('begins every job that the workers could run, in the end', () => {
    fc.assert(
      fc.property(scene, fc.infiniteStream(fc.nat(100)), (drawn, picks) => {
        const run = new Run(drawn);
        const able = run.demands.filter((demand) => run.together(demand) >= demand.least).map(({ id }) => id);
        const done: string[] = [];
        for (;;) {
          run.settle((plan) => run.check(plan));
          const busy = run.demands.filter(({ holds }) => holds.size > 0);
          if (busy.length === 0) break;
          const ends = busy[(picks.next().value ?? 0) % busy.length]?.id ?? '';
          done.push(ends);
          run.demands = run.demands.filter(({ id }) => id !== ends);
        }
        expect(done.sort()).toEqual(able.sort());
      }),
    );
  });
});
