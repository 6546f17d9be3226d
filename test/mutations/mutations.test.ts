/** Each patch here plants one fault; the test that its head names must go red with it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVitest, type TestCase, type Vitest } from 'vitest/node';
import { ROOT } from '../support/lockstep.ts';

const HERE = join(ROOT, 'test/mutations');
const PATCHES = readdirSync(HERE).filter((file) => file.endsWith('.patch'));
const copy = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-mutations-')));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** A copy of the sources whose packages import each other, not the originals. */
function copySources(): void {
  const left = new Set(['node_modules', 'dist', 'bundle', 'bundle.last', 'bundle.new', '.git', 'runs']);
  for (const entry of [
    'packages',
    'protos',
    'docs',
    'test',
    'package.json',
    'vitest.config.ts',
    'tsconfig.base.json',
  ]) {
    cpSync(join(ROOT, entry), join(copy, entry), { recursive: true, filter: (path) => !left.has(basename(path)) });
  }
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@lockstep'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@lockstep') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    symlinkSync(join(copy, 'packages', name), join(modules, '@lockstep', name));
  }
}

/** Vitest on the copy: one for all patches, since it knows again what they leave alone. */
let vitest: Vitest;

async function startVitest(): Promise<void> {
  const stopAtFirst = {
    onTestCaseResult: (test: TestCase) => {
      if (test.result().state === 'failed') void vitest.cancelCurrentRun('test-failure');
    },
  };
  const options = { project: ['unit'], watch: false, retry: 0, cache: false as const, reporters: [stopAtFirst] };
  vitest = await createVitest('test', { ...options, root: copy, config: join(copy, 'vitest.config.ts') });
}

interface Verdict {
  readonly passed: number;
  readonly failed: number;
  /** What else went wrong: modules that do not load, errors outside of tests. */
  readonly errors: readonly unknown[];
}

/** A test as the head of a patch names it: `FILE`, or `FILE > NAME` where the others of the file take long. */
interface NamedTest {
  readonly file: string;
  readonly name: string;
}

async function runTest({ file, name }: NamedTest): Promise<Verdict> {
  const files = await vitest.globTestSpecifications([file]);
  const only = name ? { testNamePattern: new RegExp(name) } : {};
  const chosen = files.map(({ project, moduleId }) => project.createSpecification(moduleId, only));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(chosen);
  const ran = testModules.filter(({ moduleId }) => chosen.some((one) => one.moduleId === moduleId));
  const states = ran.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
  const count = (state: string): number => states.filter((one) => one === state).length;
  const errors = [...unhandledErrors, ...ran.flatMap((module) => module.errors())];
  return { passed: count('passed'), failed: count('failed'), errors };
}

function testOf(patch: string): NamedTest {
  const [, file = '', name = ''] = /^Test: (\S+)(?: > (.+))?$/m.exec(readFileSync(join(HERE, patch), 'utf8')) ?? [];
  return { file, name };
}

function apply(patch: string, ...how: readonly string[]): void {
  const path = join(HERE, patch);
  execFileSync('git', ['apply', '--whitespace=nowarn', ...how, path], { cwd: copy });
  for (const [, file = ''] of readFileSync(path, 'utf8').matchAll(/^\+\+\+ b\/(.+)$/gm)) {
    vitest.invalidateFile(join(copy, file));
  }
}

describe('a planted fault', () => {
  beforeAll(async () => {
    copySources();
    await startVitest();
  });
  afterAll(() => vitest.close());

  it.each(PATCHES)('%s is found by its test', async (patch) => {
    apply(patch);
    try {
      const { failed, errors } = await runTest(testOf(patch));
      expect(errors).toEqual([]);
      expect(failed).toBeGreaterThan(0);
    } finally {
      apply(patch, '--reverse');
    }
  });

  it('is needed to turn its test red', async () => {
    const { passed, ...others } = await runTest({ file: 'packages/protocol/src/core/lanes', name: '' });
    expect(others).toEqual({ failed: 0, errors: [] });
    expect(passed).toBeGreaterThan(0);
  });
});
