import { defineConfig } from 'vitest/config';

/** Where a JSON report is wanted, next to the readable one. */
const report = process.env.LOCKSTEP_TEST_REPORT;

const shared = {
  resolve: { conditions: ['lockstep-source'] },
  ssr: { resolve: { conditions: ['lockstep-source'] } },
} as const;

/** One more try on shared CI machines, where a neighbour can starve a test of its time; a real fault fails twice. */
const retry = process.env.CI ? 1 : 0;

export default defineConfig({
  test: {
    // Tests that load the engine's library by themselves are as silent as the product.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    reporters: report ? ['default', 'json'] : ['default'],
    ...(report ? { outputFile: { json: report } } : {}),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/*.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 60_000,
          retry,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['test/{e2e,faults,mutations,simulation}/**/*.test.ts'],
          testTimeout: 180_000,
          retry,
          hookTimeout: 180_000,
          // Two at once, since most of their time is waiting: more would starve each other's processes.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
