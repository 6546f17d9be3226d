/** Where this machine has shared memory; its library is loaded by the first job that asks. */
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '../errors/lockstep-error.js';
import { hostLinkUnavailable, type SharedMemoryProvider } from './shared-memory.js';

/** What this process has: held for its life, with the library behind it. */
let provider: SharedMemoryProvider | null = null;

/** The shared memory of this machine: without a name on Linux, mapped files on macOS. @throws LockstepError HOST_LINK_UNAVAILABLE */
export async function sharedMemory(): Promise<SharedMemoryProvider> {
  try {
    provider ??= await load(process.platform);
    return provider;
  } catch (thrown) {
    throw thrown instanceof LockstepError ? thrown : hostLinkUnavailable(String(thrown), thrown);
  }
}

/** The shared memory of a platform. @throws LockstepError HOST_LINK_UNAVAILABLE where it has none */
export async function load(platform: NodeJS.Platform): Promise<SharedMemoryProvider> {
  if (platform === 'linux') return (await import('./memfd.js')).memfd();
  if (platform === 'darwin')
    return (await import('./mapped-files.js')).mappedFiles(join(tmpdir(), `lockstep-${userInfo().uid}`));
  throw hostLinkUnavailable(`${platform} has neither memfd_create nor mapped files that are shared`);
}
