/** One run of a session at a time, in the order asked, and none after its release. */
import { runError } from './check-tensors.js';

/** Runs of one session. */
export class RunQueue {
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  /** Runs `task` after those asked for before. @throws LockstepError ENGINE_RUN_FAILED after {@link close} */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(runError('The session was released.', 'session'));
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Ends the runs asked for before, then frees once; a second call waits for the first. */
  close(free: () => void | Promise<void>): Promise<void> {
    this.#closed ??= this.#last.then(free);
    return this.#closed;
  }
}
