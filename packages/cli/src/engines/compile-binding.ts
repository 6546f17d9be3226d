/** Compiles tfjs-node's binding against TensorFlow's libraries. */
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bindingPath, type NativeBuild, NODE_API_VERSION, nativePackage } from '@lockstep/engine';
import { makeFolder } from '@lockstep/protocol/disk';
import { runClient } from '../local/run-client.js';
import type { Command } from './toolchain.js';

/** It takes half a minute on one core. */
const TIMEOUT_MS = 900_000;

/**
 * Compiles the binding inside a folder with the npm packages and, in the package's `deps`, TensorFlow's `lib` and
 * `include`. The headers are removed.
 * @throws Error with the compiler's last words
 */
export async function compileBinding(
  build: NativeBuild,
  folder: string,
  {
    compiler,
    libraries,
    signal,
  }: { readonly compiler: Command; readonly libraries: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  const source = join(folder, 'node_modules', nativePackage(build));
  const target = bindingPath(build, folder);
  await makeFolder(dirname(target));
  const isMac = process.platform === 'darwin';
  const origin = isMac ? '@loader_path' : '$ORIGIN';
  const [program, ...words] = compiler;
  const args = [
    ...words,
    ...['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${NODE_API_VERSION}`],
    ...['-I', join(folder, 'node_modules/node-api-headers/include'), '-I', join(source, 'deps/include')],
    ...(await readdir(join(source, 'binding')))
      .filter((name) => name.endsWith('.cc'))
      .map((name) => join(source, 'binding', name)),
    ...libraries.map((name) => join(source, 'deps/lib', name)),
    `-Wl,-rpath,${origin}/../../deps/lib`,
    // Node's own functions are there once Node loads it.
    ...(isMac ? ['-undefined', 'dynamic_lookup'] : []),
    ...['-o', target],
  ];
  await runClient(program, args, { signal, timeoutMs: TIMEOUT_MS });
  await rm(join(source, 'deps/include'), { recursive: true, force: true });
}
