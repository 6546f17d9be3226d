/**
 * Builds TensorFlow.js with a real TensorFlow into a folder of the user's cache. Everything is made under another name
 * and tried before the folder gets its own, so an interrupted build leaves nothing that looks like an engine.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bindingPath,
  buildFolder,
  enginesFolder,
  type NativeBuild,
  type NativeProbe,
  nativePackage,
  probeNative,
  TENSORFLOW_VERSION,
  TFJS_VERSION,
} from '@lockstep/engine';
import { LockstepError, writeError } from '@lockstep/protocol/core';
import { lockFolder, makeFolder, syncFolder } from '@lockstep/protocol/disk';
import { formatDuration } from '../render/progress.js';
import { compileBinding } from './compile-binding.js';
import { fetchWheel } from './fetch-wheel.js';
import { diskFull, meansFullDisk } from './full-disk.js';
import { type TensorflowWheel, tensorflowWheel, wheelPlatform } from './tensorflow-wheels.js';
import { installPackages } from './tfjs-packages.js';
import { findToolchain, type ToolNames, usualNames } from './toolchain.js';
import { unpackTensorflow } from './unpack-wheel.js';

/** What is built, and what with. */
export interface InstallOptions {
  readonly build: NativeBuild;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
  /** @default the usual programs */
  readonly tools?: ToolNames;
  /** @default the pinned one of the platform */
  readonly wheel?: TensorflowWheel;
  /** @default this machine's */
  readonly platform?: string;
}

/** An engine that is there. */
export interface Installed extends NativeProbe {
  readonly folder: string;
  /** Whether it was there before. */
  readonly isKept: boolean;
}

const PREFIX = 'build-';
const PLACE = { field: 'LOCKSTEP_ENGINES', fix: 'Set LOCKSTEP_ENGINES to a folder that can be written.' } as const;
/** A wheel unpacks to about three times its size, and pip holds a second copy for a moment. */
const BYTES_PER_WHEEL_BYTE = 5;
/** What has just been written, or lies on a slow disk, may take its time: another build would take more. */
const PROBE_MS = 120_000;
/** The npm packages. */
const PACKAGES_BYTES = 400 * 2 ** 20;

/**
 * Builds it, or finds it whole.
 * @throws LockstepError ENGINE_INSTALL_FAILED, DISK_FULL, OUTPUT_UNWRITABLE, INTERRUPTED
 */
export async function installTfjs(options: InstallOptions): Promise<Installed> {
  const { build, note, signal } = options;
  const folder = buildFolder(build);
  const found = await tried(build, folder);
  if (found.probe) return { ...found.probe, folder, isKept: true };
  const { platform = wheelPlatform() } = options;
  const wheel = options.wheel ?? tensorflowWheel(build, platform);
  if (!wheel) throw noTensorflow(build, platform);
  if (found.why) note(`${folder} does not work and is built again: ${found.why}`);
  const tools = await stage('a step that checks the tools', signal, () =>
    findToolchain(options.tools ?? usualNames(), signal),
  );
  note(`compiler ${tools.compiler.join(' ')}, npm and ${tools.python ? 'pip' : 'the index of PIP_INDEX_URL'} are here`);
  const engines = enginesFolder();
  const lock = await makeFolder(engines)
    .then(() => lockFolder(engines, { name: 'install.lock', heldError: ({ pid, host }) => beingBuilt(pid, host) }))
    .catch((thrown: unknown) => Promise.reject(writeError(engines, thrown, PLACE)));
  try {
    await sweep(engines);
    await checkSpace(engines, wheel);
    const kept = join(engines, 'downloads', wheel.sha256?.slice(0, 16) ?? wheel.project);
    const file = await stage("TensorFlow's wheel", signal, () => fetchWheel(wheel, kept, { tools, note, signal }));
    const draft = await mkdtemp(join(engines, PREFIX));
    try {
      note(`TensorFlow.js ${TFJS_VERSION}: installing npm packages`);
      await stage('npm install', signal, () => installPackages(build, draft, { npm: tools.npm, signal }));
      note('TensorFlow: unpacking libraries and headers');
      const deps = join(draft, 'node_modules', nativePackage(build), 'deps');
      const { libraries } = wheel;
      await stage('unpacking the wheel', signal, () => unpackTensorflow(file, deps, { libraries, signal }));
      note(`compiling the binding with ${tools.compiler.join(' ')}`);
      const startedMs = performance.now();
      const { compiler } = tools;
      await stage('the compiler', signal, () => compileBinding(build, draft, { compiler, libraries, signal }));
      note(`compiled in ${formatDuration((performance.now() - startedMs) / 1000)}; trying it`);
      const probe = await stage('what was built', signal, () => probeBuild(build, draft));
      signal.throwIfAborted();
      await rm(folder, { recursive: true, force: true });
      await rename(draft, folder);
      await syncFolder(engines);
      await rm(join(engines, 'downloads'), { recursive: true, force: true });
      return { ...probe, folder, isKept: false };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

/** An engine of an earlier build, or why it does not work; neither where there is none. */
async function tried(
  build: NativeBuild,
  folder: string,
): Promise<{ readonly probe: NativeProbe | null; readonly why: string }> {
  if (!existsSync(folder)) return { probe: null, why: '' };
  if (!existsSync(bindingPath(build, folder))) return { probe: null, why: 'it has no binding' };
  return probeBuild(build, folder).then(
    (probe) => ({ probe, why: '' }),
    (why: Error) => ({ probe: null, why: why.message }),
  );
}

function probeBuild(build: NativeBuild, folder: string): Promise<NativeProbe> {
  return probeNative({ entry: join(folder, 'node_modules', nativePackage(build)) }, 'auto', PROBE_MS);
}

/** Where a step may find no space beside the folder of engines. */
const OTHER_DISKS = ' Compilers write to TMPDIR, npm to its cache too (npm config get cache).';

/** Errors of a step say which it was. */
async function stage<Result>(what: string, signal: AbortSignal, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    if (signal.aborted) throw LockstepError.from(signal.reason);
    if (thrown instanceof LockstepError) throw thrown;
    const why = (thrown as Error).message;
    const message = `The engine tfjs could not be built: ${what} failed: ${why.replace(/\.$/, '')}.`;
    if (meansFullDisk(thrown)) throw diskFull(message, { more: OTHER_DISKS, cause: thrown });
    throw new LockstepError('ENGINE_INSTALL_FAILED', { message, field: 'engine', value: 'tfjs', cause: thrown });
  }
}

/** Removes what killed builds have left. */
async function sweep(engines: string): Promise<void> {
  for (const name of await readdir(engines)) {
    if (name.startsWith(PREFIX)) await rm(join(engines, name), { recursive: true, force: true });
  }
}

async function checkSpace(engines: string, wheel: TensorflowWheel): Promise<void> {
  const { bavail, bsize } = await statfs(engines);
  const needed = wheel.bytes * BYTES_PER_WHEEL_BYTE + PACKAGES_BYTES;
  if (bavail * bsize >= needed) return;
  const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  throw diskFull(`The engine takes ${gib(needed)} while it is built; ${engines} has ${gib(bavail * bsize)} left.`);
}

function beingBuilt(pid: number, host: string): LockstepError {
  return new LockstepError('ENGINE_INSTALL_FAILED', {
    message: `Process ${pid} on ${host} builds an engine in ${enginesFolder()} already.`,
    field: 'LOCKSTEP_ENGINES',
    value: enginesFolder(),
    fix: 'Wait until it is done, then run this again.',
  });
}

function noTensorflow(build: NativeBuild, platform: string): LockstepError {
  const what = build === 'gpu' ? `TensorFlow ${TENSORFLOW_VERSION} with CUDA` : `TensorFlow ${TENSORFLOW_VERSION}`;
  const elsewhere =
    build === 'gpu'
      ? 'It exists for linux-x64; leave out --gpu for the CPU.'
      : 'It exists for linux-x64, linux-arm64 and darwin-arm64; elsewhere use train.engine: onnxruntime.';
  return new LockstepError('ENGINE_INSTALL_FAILED', {
    message: `There is no ${what} for ${platform}.`,
    field: build === 'gpu' ? '--gpu' : 'engine',
    value: platform,
    fix: platform.endsWith('-musl')
      ? 'It needs glibc, which Alpine lacks: use a system or an image based on Debian, such as node:24-bookworm.'
      : elsewhere,
  });
}
