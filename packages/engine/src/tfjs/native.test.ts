import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type { LockstepError } from '@lockstep/protocol/core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EngineOptions } from '../select.js';
import { bindingPath, buildFolder, type NativeBuild, nativePackage } from './native-builds.js';

/** Builds that this process has loaded, in order. */
function loadsHere(): readonly string[] {
  const lines = readFileSync(join(process.env.LOCKSTEP_ENGINES as string, 'loads'), 'utf8').split('\n');
  const here = lines.filter((line) => line.startsWith(`${process.pid} `));
  return here.map((line) => (line.includes('tfjs-node-gpu') ? 'gpu' : 'cpu'));
}

/** A package in the place of one that was built here, with code of the test's own. */
function fakeBuild(build: NativeBuild, code: string): void {
  const folder = buildFolder(build);
  const binding = bindingPath(build, folder);
  mkdirSync(dirname(binding), { recursive: true });
  writeFileSync(binding, 'a native library');
  writeFileSync(join(folder, 'node_modules', nativePackage(build), 'index.js'), code);
}

/** Code of a TensorFlow.js that says what it computes on, and notes what TensorFlow was told and who loaded it. */
const fakeTf = (isUsingGpuDevice: boolean): string => `
  require('node:fs').appendFileSync(process.env.LOCKSTEP_ENGINES + '/loads', process.pid + ' ' + __filename + '\\n');
  exports.version_core = '4.22.0';
  exports.enableProdMode = () => {};
  const told = require('node:util').isNullOrUndefined(undefined) && process.env;
  exports.ones = exports.matMul = () => {};
  exports.sum = () => ({ dataSync: () => [24] });
  exports.backend = exports.findBackend = () => ({ binding: { TF_Version: '9.8.7-' + told.TF_NUM_INTRAOP_THREADS + told.TF_ENABLE_ONEDNN_OPTS }, isUsingGpuDevice: ${isUsingGpuDevice} });
`;

async function create(
  options: EngineOptions,
): Promise<{ adapter: string; provider: string; reasons: LockstepError[] }> {
  const reasons: LockstepError[] = [];
  const { createEngine } = await import('../select.js');
  const { description } = await createEngine({
    engine: 'tfjs',
    // The C API registers its types once in a process.
    adapter: 'binding',
    onFallback: (reason) => reasons.push(reason),
    ...options,
  });
  return { adapter: description.adapter, provider: description.provider, reasons };
}

/** As in a process that has loaded no TensorFlow. */
const startAfresh = (): void => void vi.resetModules();

beforeEach(() => {
  startAfresh();
  const engines = mkdtempSync(join(tmpdir(), 'lockstep-engines-'));
  onTestFinished(() => rmSync(engines, { recursive: true, force: true }));
  vi.stubEnv('LOCKSTEP_ENGINES', engines);
  // The loader sets these for TensorFlow.
  for (const name of ['TF_NUM_INTRAOP_THREADS', 'TF_ENABLE_ONEDNN_OPTS', 'CUDA_VISIBLE_DEVICES']) vi.stubEnv(name, '');
});
afterEach(() => void vi.unstubAllEnvs());

describe('TensorFlow.js with a real TensorFlow', () => {
  it('is taken where it was built, on one thread, and its version is part of the class', async () => {
    fakeBuild('cpu', fakeTf(false));
    const { adapter, provider, reasons } = await create({});
    expect(adapter).toMatch(/^tensorflow-9\.8\.7-10-onnxruntime-/);
    expect([provider, reasons]).toEqual(['cpu', []]);
    expect((util as unknown as { isNullOrUndefined(value: unknown): boolean }).isNullOrUndefined(0)).toBe(false);
  });

  it('is plain JavaScript where none was built, and says what builds one', async () => {
    const { adapter, reasons } = await create({});
    expect(adapter).toMatch(/^cpu-v8-/);
    expect(reasons).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/plain JavaScript.*no TensorFlow is installed/),
        fix: expect.stringContaining('lockstep engines install tfjs'),
      }),
    ]);
  });

  it('that does not load is named, with the reason, before plain JavaScript is taken', async () => {
    fakeBuild('cpu', "throw new Error('libtensorflow_cc.so.2: cannot open shared object file');");
    const { adapter, reasons } = await create({});
    expect(adapter).toMatch(/^cpu-v8-/);
    const why = /@tensorflow\/tfjs-node in .*tfjs-4.* cannot be loaded: libtensorflow_cc\.so\.2: cannot open/;
    expect(reasons.map(({ message }) => message)).toEqual([expect.stringMatching(why)]);
    await expect(create({ backend: 'tensorflow' })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(why),
    });
  });

  it('takes the GPU where the build for one finds it, and says so where it finds none', async () => {
    fakeBuild('gpu', fakeTf(true));
    fakeBuild('cpu', fakeTf(false));
    expect(await create({})).toMatchObject({ provider: 'cuda', reasons: [] });
    expect(await create({ device: 'cuda' })).toMatchObject({ provider: 'cuda', reasons: [] });
    startAfresh();
    expect(await create({ device: 'cpu' })).toMatchObject({ provider: 'cpu', reasons: [] });
    expect(process.env.CUDA_VISIBLE_DEVICES).toBe('-1');
  });

  it('computes on the CPU and says so where the build for a GPU finds none', async () => {
    fakeBuild('gpu', fakeTf(false));
    const { provider, reasons } = await create({});
    expect(provider).toBe('cpu');
    expect(reasons).toEqual([expect.objectContaining({ code: 'DEVICE_UNAVAILABLE' })]);
    await expect(create({ device: 'cuda' })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringContaining('finds no GPU'),
    });
  });

  it.each([
    ['throws', "throw new Error('no CUDA');", /tfjs-node-gpu in .* cannot be loaded: no CUDA/],
    ['crashes', 'process.abort();', /tfjs-node-gpu in .* cannot be loaded: /],
  ])(
    'of two builds only the one that works is loaded here: the other %s in a process of its own',
    async (_how, end, why) => {
      fakeBuild('gpu', `${fakeTf(true)}${end}`);
      fakeBuild('cpu', fakeTf(false));
      const chosen = await create({});
      expect(chosen.provider).toBe('cpu');
      expect(chosen.reasons).toEqual([
        expect.objectContaining({ code: 'DEVICE_UNAVAILABLE', message: expect.stringMatching(why) }),
      ]);
      expect(loadsHere()).toEqual(['cpu']);
      expect(await create({ device: 'cpu' })).toMatchObject({ provider: 'cpu', reasons: [] });
      await expect(create({ backend: 'tensorflow', device: 'cuda' })).rejects.toMatchObject({
        code: 'DEVICE_UNAVAILABLE',
      });
      startAfresh();
      fakeBuild('cpu', 'process.abort();');
      const { adapter, reasons } = await create({});
      expect(adapter).toMatch(/^cpu-v8-/);
      expect(reasons[0]?.message).toMatch(why);
      expect(loadsHere()).toEqual(['cpu']);
    },
  );

  it('alone is loaded at once, tried in no other process', async () => {
    fakeBuild('cpu', fakeTf(false));
    await create({});
    expect(readFileSync(join(process.env.LOCKSTEP_ENGINES as string, 'loads'), 'utf8').match(/\n/g)).toHaveLength(1);
  });

  it('is not loaded beside another in one process', async () => {
    fakeBuild('gpu', fakeTf(true));
    fakeBuild('cpu', fakeTf(false));
    await create({ backend: 'tensorflow-gpu' });
    await expect(create({ backend: 'tensorflow' })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(
        /tfjs-node in .* cannot be loaded beside @tensorflow\/tfjs-node-gpu in .* one process/,
      ),
    });
    expect(loadsHere()).toEqual(['gpu']);
  });
});
