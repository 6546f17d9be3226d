/** Plants faults, and lets the simulator find each: a row of docs/simulation.md and the seeds it took. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/lockstep.ts';
import { bundlePatched, type Said, simulate } from './programs.ts';

/** Seeds within which a fault must be found. */
const SEEDS = 400;
/** Faults looked for at once. */
const AT_ONCE = 2;
/** A busy machine may take this long for all of them. */
const PATIENCE_MS = 1_800_000;

interface Mutation {
  readonly name: string;
  readonly path: string;
  /** Row of the table of planted faults, and the invariants that may notice. */
  readonly row: string;
  readonly invariants: readonly string[];
  /** Seed to begin with: near the one that finds it, where that comes late. */
  readonly first: string;
}

/** Patches of both folders that say which row they are. */
const MUTATIONS = ['test/mutations', 'test/simulation/mutations'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).flatMap((file): Mutation[] => {
    if (!file.endsWith('.patch')) return [];
    const path = join(ROOT, folder, file);
    const patch = readFileSync(path, 'utf8');
    const [, row, invariants] = /^Row: (\w+), (.+)$/m.exec(patch) ?? [];
    const [, first = '1'] = /^Seed: (\d+)$/m.exec(patch) ?? [];
    return row && invariants
      ? [{ name: file.replace('.patch', ''), path, row, invariants: invariants.split(' '), first }]
      : [];
  }),
);
const results = new Map<string, Said>();

describe('the simulator', () => {
  beforeAll(async () => {
    const waiting = MUTATIONS.values();
    const look = async (): Promise<void> => {
      for (const { name, path, first } of waiting) {
        const program = await bundlePatched(name, path);
        results.set(name, await simulate(program, ['--seed', first, '--seeds', String(SEEDS)]));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, look));
  }, PATIENCE_MS);

  it.each(MUTATIONS)('finds $row $name', ({ name, row, invariants, first }) => {
    const { code, output } = results.get(name) as Said;
    const found = /^found after (\d+) seeds: (\w+): .*$/m.exec(output);
    process.stdout.write(`${row} ${name}, from seed ${first}: ${found?.[0] ?? `not found in ${SEEDS} seeds`}\n`);
    expect(code, output.slice(-2000)).toBe(1);
    expect(invariants).toContain(found?.[2]);
  });
});
