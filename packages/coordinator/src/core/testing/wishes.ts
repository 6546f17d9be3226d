/** Jobs and workers of tests of schedules, in few words. */
import type { Demand, Hands } from '../demand.js';

/** A worker with a name. */
export interface Worker {
  readonly name: string;
  readonly device: string;
  readonly numericClass: string;
}

/** A job in few words. */
export interface Wish {
  readonly id: string;
  readonly namespace?: string;
  readonly priority?: number;
  readonly device?: string;
  readonly least?: number;
  readonly wanted?: number;
  readonly size?: number;
  /** Names of workers; one that holds some has begun. */
  readonly holds?: string;
  readonly hasKept?: boolean;
}

/** "c1 c2 g3:b": two workers of device c and class a, one of device g and class b. */
export function workersOf(text: string): Worker[] {
  return words(text).map((word) => {
    const [name = '', numericClass = 'a'] = word.split(':');
    return { name, device: name.slice(0, 1), numericClass };
  });
}

function words(text: string): string[] {
  return text.split(' ').filter(Boolean);
}

/** The job of a wish. */
export function demandOf(all: readonly Worker[], wish: Wish): Demand<Worker> {
  const { id, namespace = 'n', device = '', priority = 0, least = 1, wanted = least, size = wanted, holds } = wish;
  const { hasKept = false } = wish;
  const held = words(holds ?? '');
  return {
    ...{ id, namespace, least, wanted, size, priority, hasBegun: holds !== undefined, hasKept },
    holds: new Set(all.filter(({ name }) => held.includes(name))),
    kind: `${device} ${namespace}`,
    fits: (worker) => device === '' || worker.device === device,
  };
}

/** All workers, and those that no job holds. */
export function handsOf(all: readonly Worker[], demands: readonly Demand<Worker>[]): Hands<Worker> {
  const held = new Set(demands.flatMap(({ holds }) => [...holds]));
  return { all, free: all.filter((worker) => !held.has(worker)) };
}

/** "x: c1 c2". */
export function given(map: ReadonlyMap<Worker, string>): string[] {
  const ids = [...new Set(map.values())];
  return ids.map((id) => `${id}: ${[...map].flatMap(([{ name }, to]) => (to === id ? [name] : [])).join(' ')}`);
}
