import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type { LockstepError } from '@lockstep/protocol/core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createEngine, type EngineOptions } from '../select.js';
import { bindingPath, buildFolder, type NativeBuild, nativePackage } from './native-builds.js';

/** A package in the place of one that was built here, with code of the test's own. */
function fakeBuild(build: NativeBuild, code: string): void {
  const folder = buildFolder(build);
  const binding = bindingPath(build, folder);
  mkdirSync(dirname(binding), { recursive: true });
  writeFileSync(binding, 'a native library');
  writeFileSync(join(folder, 'node_modules', nativePackage(build), 'index.js'), code);
}

/** Code of a TensorFlow.js that says what it computes on, and notes what TensorFlow was told. */
const fakeTf = (isUsingGpuDevice: boolean): string => `
  exports.version_core = '4.22.0';
  exports.enableProdMode = () => {};
  const told = require('node:util').isNullOrUndefined(undefined) && process.env;
  exports.findBackend = () => ({ binding: { TF_Version: '9.8.7-' + told.TF_NUM_INTRAOP_THREADS + told.TF_ENABLE_ONEDNN_OPTS }, isUsingGpuDevice: ${isUsingGpuDevice} });
`;

async function create(
  options: EngineOptions,
): Promise<{ adapter: string; provider: string; reasons: LockstepError[] }> {
  const reasons: LockstepError[] = [];
  const { description } = await createEngine({
    engine: 'tfjs',
    onFallback: (reason) => reasons.push(reason),
    ...options,
  });
  return { adapter: description.adapter, provider: description.provider, reasons };
}

beforeEach(() => {
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
});
