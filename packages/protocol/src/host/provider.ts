/** Where this machine has shared memory; its library is loaded by the first job that asks. */
import { LockstepError } from '../errors/lockstep-error.js';
import { hostLinkUnavailable, type SharedMemoryProvider } from './shared-memory.js';

/** The shared memory of this machine. @throws LockstepError HOST_LINK_UNAVAILABLE */
export async function sharedMemory(): Promise<SharedMemoryProvider> {
  if (process.platform !== 'linux') throw hostLinkUnavailable(`${process.platform} has no memfd_create`);
  try {
    return (await import('./memfd.js')).memfd();
  } catch (thrown) {
    throw thrown instanceof LockstepError ? thrown : hostLinkUnavailable(String(thrown), thrown);
  }
}
