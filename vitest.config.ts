import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where a JSON report is wanted, next to the readable one. */
const report = process.env.LOCKSTEP_TEST_REPORT;

const shared = {
  resolve: { conditions: ['lockstep-source'] },
  ssr: { resolve: { conditions: ['lockstep-source'] } },
} as const;

/** One more try on shared CI machines, where a neighbour can starve a test of its time; a real fault fails twice. */
const retry = process.env.CI ? 1 : 0;

/** Folders whose files take long, the longest first. */
const LONG = ['/test/simulation/', '/test/mutations/', '/test/faults/', '/test/e2e/'];

/** Begins with what takes long, so that no long file runs alone at the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const folder = LONG.findIndex((name) => moduleId.includes(name));
      return folder < 0 ? LONG.length : folder;
    };
    return (await super.sort(files)).sort((left, right) => rank(left) - rank(right));
  }
}

/** Two files at once: more would starve each other's processes. */
const maxWorkers = 2;

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    // Tests that load the engine's library by themselves are as silent as the product.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    reporters: report ? ['default', 'json'] : ['default'],
    ...(report ? { outputFile: { json: report } } : {}),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/*.test.ts', 'test/{contract,tables}/**/*.test.ts'],
          testTimeout: 60_000,
          retry,
          maxWorkers,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['test/{e2e,faults,mutations,simulation}/**/*.test.ts'],
          globalSetup: 'test/support/shared-folder.ts',
          testTimeout: 180_000,
          retry,
          hookTimeout: 180_000,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: 'images',
          include: ['test/images/**/*.test.ts'],
          testTimeout: 180_000,
          retry,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: 'chart',
          include: ['test/chart/**/*.test.ts'],
          testTimeout: 60_000,
          maxWorkers,
          sequence: { groupOrder: 2 },
        },
      },
      {
        ...shared,
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: 'test/cluster/control-plane.ts',
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: 'tfjs',
          include: ['test/tfjs/**/*.test.ts'],
          globalSetup: 'test/tfjs/build-engine.ts',
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
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
