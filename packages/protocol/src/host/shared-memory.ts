/** Memory that processes of one machine share: the port. */
import { LockstepError } from '../errors/lockstep-error.js';

/** Shared memory that is mapped into this process. */
export interface SharedMemory {
  /** What {@link SharedMemoryProvider.open} finds it by, while whoever made it holds it. */
  readonly path: string;
  /** Starts on a page. Stays mapped for as long as anything here can reach it. */
  readonly bytes: ArrayBuffer;
  /** Lets go of it: through this process nobody can open it any more. What has mapped it keeps it. */
  close(): void;
  /** Closes it, and gives its pages back at once: everybody reads 0 there from now on. */
  discard(): void;
}

/** Makes and opens shared memory. */
export interface SharedMemoryProvider {
  /** Reserves memory of zeros. @throws LockstepError HOST_LINK_UNAVAILABLE where it is not to be had */
  create(byteLength: number): Promise<SharedMemory>;
  /**
   * Maps what another process has made.
   * @param byteLength what it must have exactly
   * @throws LockstepError HOST_LINK_UNAVAILABLE where it is not on this machine, or another's
   */
  open(path: string, byteLength: number, access: 'read' | 'write'): SharedMemory;
}

/** An error that says why processes cannot share memory. */
export function hostLinkUnavailable(why: string, cause?: unknown): LockstepError {
  return new LockstepError('HOST_LINK_UNAVAILABLE', {
    message: `Memory cannot be shared: ${why}.`,
    field: 'run.link',
    value: 'host',
    cause,
  });
}
