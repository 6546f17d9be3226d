import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindingPath, buildFolder, type NativeBuild } from '@lockstep/engine';
import { LockstepError } from '@lockstep/protocol/core';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scratch, sha256, startSite } from '../local/testing/release-site.js';
import { type Installed, type InstallOptions, installTfjs } from './install-tfjs.js';
import { type TensorflowWheel, wheelPlatform } from './tensorflow-wheels.js';
import { INTEGRITY } from './tfjs-packages.js';
import { usualNames } from './toolchain.js';

/** A package that computes like TensorFlow.js, as far as a build is tried. */
const FAKE_TF = `
  const tensor = { dataSync: () => [24] };
  module.exports = {
    version_core: '4.22.0', ones: () => tensor, matMul: () => tensor, sum: () => tensor,
    backend: () => ({ binding: { TF_Version: '9.9.9' }, isUsingGpuDevice: false }),
  };
`;

/** A program of the test's own. @param script what it does, in sh */
function fakeProgram(script: string): string {
  const path = join(scratch(), 'program');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A program that fails with these words unless a condition holds, in sh. */
function fakeFailing(unless: string, words: string): string {
  return fakeProgram(`${unless} || { echo "${words}" >&2; exit 1; }`);
}

/** A wheel with small libraries. */
function fakeWheel(
  libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  more: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  const text = (words: string): Uint8Array => new Uint8Array(Buffer.from(words));
  return zipSync({
    ...Object.fromEntries(libraries.map((name) => [`tensorflow/${name}`, text(`code of ${name}`)])),
    'tensorflow/include/tensorflow/c/c_api.h': text('// a header'),
    'tensorflow/include/eigen/Core.h': text('// not needed'),
    ...more,
  });
}

/** npm that writes the packages of a build, with their sums. */
function fakeNpm(code = FAKE_TF, sums: Readonly<Record<string, string>> = INTEGRITY): string {
  const lock = {
    packages: Object.fromEntries(
      Object.entries(sums).map(([name, integrity]) => [`node_modules/${name}`, { integrity }]),
    ),
  };
  const files = scratch();
  writeFileSync(join(files, 'lock.json'), JSON.stringify(lock));
  writeFileSync(join(files, 'index.js'), code);
  return fakeProgram(`
    [ "$1" = install ] || exit 0
    folder=node_modules/@tensorflow/tfjs-node
    mkdir -p $folder/binding && cp ${files}/index.js $folder && cp ${files}/lock.json node_modules/.package-lock.json
    echo '// code' > $folder/binding/tfjs_backend.cc`);
}

/** A compiler that writes its own arguments where the result belongs, and notes that it was there. */
const COMPILER = 'for last; do :; done; echo "$@" > "$last"';

interface World {
  readonly options: InstallOptions;
  readonly notes: string[];
  /** Requests for the wheel, with the range that each asked for. */
  readonly ranges: (string | undefined)[];
}

interface Change {
  readonly compiler?: string;
  readonly npm?: string;
  readonly python?: string;
  readonly wheel?: Uint8Array;
  readonly served?: Uint8Array;
  /** Bytes after which the first answer is cut. */
  readonly cutAfter?: number;
  readonly signal?: AbortSignal;
}

/** Programs and an index that all work, changed as the test wants. */
async function world(change: Change = {}): Promise<World> {
  const wheel = change.wheel ?? fakeWheel();
  const served = Buffer.from(change.served ?? wheel);
  const ranges: (string | undefined)[] = [];
  const site = await startSite((request, response) => {
    if (request.url !== '/files/tf.whl') {
      response.end(JSON.stringify({ files: [{ url: '/files/tf.whl', hashes: { sha256: sha256(wheel) } }] }));
      return;
    }
    const { range } = request.headers;
    ranges.push(range);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const rest = served.subarray(from);
    response.writeHead(range ? 206 : 200, { 'content-length': rest.length });
    if (change.cutAfter !== undefined && ranges.length === 1) {
      response.write(rest.subarray(0, change.cutAfter), () => setTimeout(() => response.destroy(), 100));
    } else response.end(rest);
  });
  const notes: string[] = [];
  const pinned: TensorflowWheel = {
    ...{ project: 'tensorflow-cpu', version: '9.9.9', sha256: sha256(wheel), bytes: served.length },
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  };
  return {
    notes,
    ranges,
    options: {
      build: 'cpu',
      note: (text) => notes.push(text),
      signal: change.signal ?? new AbortController().signal,
      tools: {
        compilers: [[change.compiler ?? fakeProgram(COMPILER)]],
        ...{ npm: change.npm ?? fakeNpm(), python: change.python ?? '/nowhere/python3', index: site },
      },
      wheel: pinned,
    },
  };
}

async function install(change: Change = {}): Promise<World & { readonly built: Installed }> {
  const made = await world(change);
  return { ...made, built: await installTfjs(made.options) };
}

/** What is in the folder of engines, but for the kept downloads. */
const engines = (): readonly string[] =>
  readdirSync(process.env.LOCKSTEP_ENGINES as string).filter((name) => name !== 'downloads');

beforeEach(() => {
  vi.stubEnv('LOCKSTEP_ENGINES', join(scratch(), 'engines'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('building the engine tfjs', () => {
  it('puts libraries, binding and packages into one folder, and nothing else', async () => {
    const { built } = await install();
    const folder = buildFolder('cpu');
    expect(built).toMatchObject({ folder, isKept: false, version: '4.22.0', tensorflow: '9.9.9', provider: 'cpu' });
    expect(readdirSync(process.env.LOCKSTEP_ENGINES as string)).toEqual([folder.split('/').at(-1)]);
    const deps = join(folder, 'node_modules/@tensorflow/tfjs-node/deps');
    expect(readdirSync(deps)).toEqual(['lib']);
    expect(readFileSync(join(deps, 'lib/libtensorflow_cc.so.2'), 'utf8')).toBe('code of libtensorflow_cc.so.2');
    const compiled = readFileSync(bindingPath('cpu', folder), 'utf8');
    expect(compiled).toMatch(
      /-std=c\+\+17 .*node-api-headers\/include .*deps\/include .*tfjs_backend\.cc .*libtensorflow_cc/,
    );
  });

  it('does nothing where it is there and works', async () => {
    await install();
    const again = await install({ compiler: '/nowhere/c++', npm: '/nowhere/npm' });
    expect(again.built).toMatchObject({ folder: buildFolder('cpu'), isKept: true });
    expect([again.notes, again.ranges]).toEqual([[], []]);
  });

  it('builds again what does not work', async () => {
    await install();
    writeFileSync(join(buildFolder('cpu'), 'node_modules/@tensorflow/tfjs-node/index.js'), "throw new Error('torn');");
    const { built, notes } = await install();
    expect(built.isKept).toBe(false);
    expect(notes[0]).toContain('does not work and is built again: torn');
  });

  it('names every tool that is missing, before anything is fetched', async () => {
    const { options, ranges } = await world({ compiler: '/nowhere/c++', npm: '/nowhere/npm' });
    const tools = { ...(options.tools as NonNullable<InstallOptions['tools']>), index: undefined };
    await expect(installTfjs({ ...options, tools })).rejects.toMatchObject({
      code: 'ENGINE_INSTALL_FAILED',
      value: 'compiler, npm, pip',
      message: expect.stringMatching(/compiler with its headers \(\/nowhere\/c\+\+ is not installed\).*npm \(.*pip \(/),
    });
    expect(ranges).toEqual([]);
    expect(existsSync(process.env.LOCKSTEP_ENGINES as string)).toBe(false);
  });

  it.each(['/proc/self', '/proc/none/engines'])(
    'names a folder that cannot be written, there or not: %s',
    async (folder) => {
      vi.stubEnv('LOCKSTEP_ENGINES', folder);
      await expect(install()).rejects.toMatchObject({
        ...{ code: 'OUTPUT_UNWRITABLE', field: 'LOCKSTEP_ENGINES', value: folder },
        fix: expect.stringContaining('a folder that can be written'),
      });
    },
  );

  it.each<[string, () => Change, RegExp]>([
    [
      'npm',
      () => ({ npm: fakeFailing('[ "$1" != install ]', 'npm error code ENOSPC') }),
      /npm install failed: npm error code ENOSPC\./,
    ],
    [
      'the compiler',
      () => ({ compiler: fakeFailing('case "$*" in *probe*) ;; *) false;; esac', 'as: No space left on device') }),
      /the compiler failed: as: No space left on device\./,
    ],
  ])(
    'names a full disk, whatever words %s has for it, and those that may be full',
    async (_program, change, message) => {
      await expect(install(change())).rejects.toMatchObject({
        ...{ code: 'DISK_FULL', field: 'LOCKSTEP_ENGINES', value: process.env.LOCKSTEP_ENGINES },
        message: expect.stringMatching(message),
        fix: expect.stringMatching(/LOCKSTEP_ENGINES .*TMPDIR.*npm config get cache/),
      });
      expect(engines()).toEqual([]);
    },
  );

  it('takes a compiler that finds no space when it is tried for what it is, not for none', async () => {
    const compiler = fakeFailing('false', 'as: No space left on device');
    await expect(install({ compiler })).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/checks the tools failed: as: No space left on device\./),
    });
  });

  it('takes a compiler with words before its arguments, as make does', async () => {
    const { options } = await world();
    const wrapper = fakeProgram('exec "$@"');
    vi.stubEnv('CXX', ` ${wrapper}  ${fakeProgram(COMPILER)} `);
    const tools = { ...(options.tools as NonNullable<InstallOptions['tools']>), compilers: usualNames().compilers };
    expect(await installTfjs({ ...options, tools })).toMatchObject({ isKept: false });
    expect(readFileSync(bindingPath('cpu', buildFolder('cpu')), 'utf8')).toContain('tfjs_backend.cc');
  });

  it('says what a compiler without headers says', async () => {
    const compiler = fakeProgram('echo "probe.cc:1:10: fatal error: \'memory\' file not found" >&2; exit 1');
    await expect(install({ compiler })).rejects.toMatchObject({
      message: expect.stringContaining("'memory' file not found"),
    });
  });

  it.each<[string, () => Change, RegExp]>([
    ['a wheel with another sum', () => ({ served: Buffer.alloc(fakeWheel().length) }), /SHA-256 is/],
    [
      'a wheel without a library',
      () => ({ wheel: fakeWheel(['libtensorflow_cc.so.2']) }),
      /holds no libtensorflow_framework/,
    ],
    [
      'a wheel that leads elsewhere',
      () => ({ wheel: fakeWheel(undefined, { '../escaped.h': new Uint8Array(1) }) }),
      /invalid relative path/,
    ],
    [
      'npm without a network',
      () => ({ npm: fakeProgram('[ "$1" = install ] && { echo "npm error network" >&2; exit 1; } || exit 0') }),
      /npm install failed: npm error network/,
    ],
    [
      'a package with another sum',
      () => ({ npm: fakeNpm(FAKE_TF, { ...INTEGRITY, '@tensorflow/tfjs-core': 'sha512-x' }) }),
      /another @tensorflow\/tfjs-core/,
    ],
    [
      'an error of the compiler',
      () => ({ compiler: fakeProgram(`case "$*" in *probe*) ;; *) echo "error: no member" >&2; exit 1;; esac`) }),
      /the compiler failed: error: no member/,
    ],
    [
      'a build that does not load',
      () => ({ npm: fakeNpm("throw new Error('GLIBC_2.99 not found');") }),
      /what was built failed: GLIBC_2\.99 not found/,
    ],
  ])('leaves nothing of %s, and says so', async (_what, change, why) => {
    await expect(install(change())).rejects.toMatchObject({
      code: 'ENGINE_INSTALL_FAILED',
      message: expect.stringMatching(why),
    });
    expect(engines()).toEqual([]);
    expect((await install()).built.isKept).toBe(false);
  });

  it('goes on with a download that was cut, and keeps a whole one', async () => {
    const wheel = fakeWheel();
    const cut = await world({ wheel, cutAfter: 100 });
    await expect(installTfjs(cut.options)).rejects.toMatchObject({ code: 'ENGINE_INSTALL_FAILED' });
    const broken = {
      ...cut.options,
      tools: { ...(cut.options.tools as object), npm: fakeProgram('[ "$1" != install ]') },
    };
    await expect(installTfjs(broken as InstallOptions)).rejects.toMatchObject({
      message: expect.stringContaining('npm install'),
    });
    expect(cut.ranges).toEqual([undefined, 'bytes=100-']);
    expect(await installTfjs(cut.options)).toMatchObject({ isKept: false });
    expect(cut.ranges).toHaveLength(2);
  });

  it('that is interrupted leaves nothing half-made, and neither does one that was killed', async () => {
    const stop = new AbortController();
    const npm = fakeProgram('[ "$1" = install ] || exit 0; mkdir node_modules; sleep 60');
    const { options } = await world({ npm, signal: stop.signal });
    const building = installTfjs(options);
    await expect.poll(() => engines().filter((name) => name.startsWith('build-')).length, { timeout: 20_000 }).toBe(1);
    stop.abort(new LockstepError('INTERRUPTED'));
    await expect(building).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(engines()).toEqual([]);
    mkdirSync(join(process.env.LOCKSTEP_ENGINES as string, 'build-killed'));
    await install();
    expect(engines()).toHaveLength(1);
  });

  it.each<[NativeBuild, string, RegExp]>([
    ['cpu', 'linux-x64-musl', /glibc.*image based on Debian/],
    ['gpu', 'linux-x64-musl', /glibc.*image based on Debian/],
    ['gpu', 'linux-arm64', /leave out --gpu/],
    ['gpu', 'darwin-arm64', /leave out --gpu/],
    ['cpu', 'darwin-x64', /train\.engine: onnxruntime/],
    ['cpu', 'win32-x64', /train\.engine: onnxruntime/],
  ])('says that there is no TensorFlow (%s) for %s, before it looks at anything', async (build, platform, fix) => {
    const { tools, note, signal } = (await world()).options;
    await expect(installTfjs({ build, platform, note, signal, ...(tools ? { tools } : {}) })).rejects.toMatchObject({
      ...{ code: 'ENGINE_INSTALL_FAILED', field: build === 'gpu' ? '--gpu' : 'engine', value: platform },
      fix: expect.stringMatching(fix),
    });
    expect(existsSync(process.env.LOCKSTEP_ENGINES as string)).toBe(false);
  });

  it('tells a machine without glibc by the report of Node', () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
    vi.spyOn(process, 'arch', 'get').mockReturnValue('x64');
    const report = vi.spyOn(process.report, 'getReport').mockReturnValue({ header: { glibcVersionRuntime: '2.36' } });
    expect(wheelPlatform()).toBe('linux-x64');
    report.mockReturnValue({ header: {} });
    expect(wheelPlatform()).toBe('linux-x64-musl');
  });
});
