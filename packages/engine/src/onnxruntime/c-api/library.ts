/** ONNX Runtime's own library out of the onnxruntime-node package, and its function table through koffi. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import koffi, { type LibraryHandle } from 'koffi';
import { NATIVE_STACK_BYTES } from '../../limits.js';
import { disableTelemetry } from '../telemetry.js';
import { API_VERSION, FUNCTIONS, type OrtFunctionName } from './functions.js';

/** A function of the C API; `async` takes a callback as its last argument and runs on a thread of its own. */
export interface NativeFunction {
  (...args: unknown[]): unknown;
  async(...args: unknown[]): void;
}

/** The loaded library. Kept referenced for the life of the process: once collected, its code would be unmapped. */
export interface OrtLibrary {
  readonly handle: LibraryHandle;
  readonly version: string;
  readonly api: Readonly<Record<OrtFunctionName, NativeFunction>>;
}

const KNOWN_VERSION = /^1\.(\d+)\.\d+$/;
let loaded: OrtLibrary | LockstepError | null = null;

/** Loads the library once. @throws LockstepError ENGINE_UNAVAILABLE naming what is missing, the same at every call */
export function loadLibrary(): OrtLibrary {
  loaded ??= tryLoad();
  if (loaded instanceof LockstepError) throw loaded;
  return loaded;
}

function tryLoad(): OrtLibrary | LockstepError {
  try {
    return load();
  } catch (thrown) {
    return thrown instanceof LockstepError ? thrown : unavailable(String(thrown), thrown);
  }
}

function load(): OrtLibrary {
  const path = findLibrary();
  reserveStacks();
  disableTelemetry();
  const handle = koffi.load(path);
  const base = handle.func('void *OrtGetApiBase()')() as bigint;
  const getApi = koffi.decode(
    koffi.decode(base, 'void *'),
    koffi.proto('void *OrtGetApi(uint32_t version)'),
  ) as NativeFunction;
  const getVersion = koffi.decode(
    koffi.decode(base, 8, 'void *'),
    koffi.proto('const char *OrtGetVersionString()'),
  ) as NativeFunction;
  const version = String(getVersion());
  if (!KNOWN_VERSION.test(version)) throw unavailable(`version ${version} of ${path} is not known`);
  const table = getApi(API_VERSION) as bigint | null;
  if (!table) throw unavailable(`version ${version} has no API ${API_VERSION}`);
  const api = {} as Record<OrtFunctionName, NativeFunction>;
  for (const [name, { index, prototype }] of Object.entries(FUNCTIONS)) {
    const pointer = koffi.decode(table, index * 8, 'void *') as bigint;
    api[name as OrtFunctionName] = koffi.decode(pointer, koffi.proto(prototype)) as NativeFunction;
  }
  return { handle, version, api };
}

/** Sets the size of koffi's stacks, which it allows only before the process's first library. */
function reserveStacks(): void {
  const { sync_stack_size: sync = 0, async_stack_size: other = 0 } = koffi.config();
  if (Math.min(sync, other) >= NATIVE_STACK_BYTES) return;
  koffi.config({ sync_stack_size: NATIVE_STACK_BYTES, async_stack_size: NATIVE_STACK_BYTES });
}

/** Path of the shared library inside the onnxruntime-node package. */
function findLibrary(): string {
  const require = createRequire(import.meta.url);
  const root = join(dirname(require.resolve('onnxruntime-node/package.json')), 'bin');
  if (existsSync(root)) {
    for (const abi of readdirSync(root)) {
      const folder = join(root, abi, process.platform, process.arch);
      if (!existsSync(folder)) continue;
      const name = readdirSync(folder).find((file) => /^(lib)?onnxruntime(\.so[.\d]*|[.\d]*\.dylib|\.dll)$/.test(file));
      if (name) return join(folder, name);
    }
  }
  throw unavailable(`onnxruntime-node ships no library for ${process.platform} ${process.arch}`);
}

function unavailable(why: string, cause?: unknown): LockstepError {
  return new LockstepError('ENGINE_UNAVAILABLE', {
    message: `ONNX Runtime's C API cannot be called: ${why}.`,
    field: 'engine',
    fix: 'Use --engine-adapter binding, or install the onnxruntime-node version that package.json names.',
    cause,
  });
}
