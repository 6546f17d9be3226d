/** Many seeds of the simulator: every invariant holds, every kind of fault was met, and a seed always runs the same. */
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleSimulator } from './bundle.mjs';
import { simulate } from './programs.ts';

/** Schedules of one run of the tests, halved over two processes: twice what any planted fault needs. A night may ask for more. */
const SEEDS = Number(process.env.LOCKSTEP_SIMULATION_SEEDS ?? 600);
/** Seeds that run twice. */
const TWICE = 30;
/** A busy machine may take this long. */
const PATIENCE_MS = 900_000;
/** What a batch must have met, so that it means something. */
const SOMETIMES = [
  'worker crash',
  'coordinator crash',
  'power cut',
  'failover',
  'zombie return',
  'chunk lost',
  'chunk damaged',
  'chunk refetch',
  'torn checkpoint',
  'disk error',
  'lane answered twice',
  'deadly row',
  'gradient in place',
  'half a version',
  'partition',
  'asymmetric partition',
];

describe('simulated schedules', () => {
  let program = '';
  beforeAll(async () => {
    program = await bundleSimulator('own');
  });

  it(
    `keep every invariant, over ${SEEDS} seeds`,
    async () => {
      const halves = [1, 1 + Math.floor(SEEDS / 2)].map((first) => [
        '--seed',
        String(first),
        '--seeds',
        String(Math.floor(SEEDS / 2)),
      ]);
      const said = await Promise.all(halves.map((args) => simulate(program, args)));
      const seen = new Set<string>();
      for (const { code, output } of said) {
        expect(code, output.slice(-6000)).toBe(0);
        const summary = JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as { seen: Record<string, number> };
        for (const what of Object.keys(summary.seen)) seen.add(what);
      }
      expect([...seen]).toEqual(expect.arrayContaining(SOMETIMES));
    },
    PATIENCE_MS,
  );

  it(
    'keep every invariant where lanes have residuals, which go with their workers',
    async () => {
      const args = ['--residuals', '--seeds', String(Math.ceil(SEEDS / 5))];
      const { code, output } = await simulate(program, args);
      expect(code, output.slice(-6000)).toBe(0);
      const { seen } = JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as { seen: Record<string, number> };
      expect(Object.keys(seen)).toEqual(
        expect.arrayContaining(['went back in one leadership', 'failover', 'gradient in place']),
      );
    },
    PATIENCE_MS,
  );

  it(
    'run the same twice, to the last event',
    async () => {
      const { code, output } = await simulate(program, ['--seed', '5000', '--seeds', String(TWICE), '--twice']);
      expect(code, output.slice(-6000)).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'fail loudly where a fault is planted in the checks',
    async () => {
      const { code, output } = await simulate(program, ['--seeds', '400', '--canary']);
      expect(code).toBe(1);
      expect(output).toMatch(/found after \d+ seeds: canary/);
    },
    PATIENCE_MS,
  );
});
