/** Tells when a job has waited too long for its workers. */
import { LockstepError } from '@lockstep/protocol/core';
import type { ResolvedJobSpec } from '@lockstep/spec';

/**
 * Counts `run.queueTimeoutSeconds` while a job holds fewer workers than it needs: from its submission on, whatever is
 * before it, and anew when it is tried again or loses them before it runs.
 */
export class QueueTimeout {
  readonly #seconds: number | undefined;
  readonly #least: number;
  readonly #onExpired: () => void;
  #timer: NodeJS.Timeout | null = null;
  #held = 0;
  #hasRun = false;

  /**
   * @param least workers that it needs
   * @param why what it waits for, in words and numbers
   */
  constructor(
    { queueTimeoutSeconds }: Pick<ResolvedJobSpec['run'], 'queueTimeoutSeconds'>,
    least: number,
    { why, onExpired }: { readonly why: () => string; readonly onExpired: (error: LockstepError) => void },
  ) {
    this.#seconds = queueTimeoutSeconds;
    this.#least = least;
    this.#onExpired = () => onExpired(queueTimeout(queueTimeoutSeconds ?? 0, least, why()));
  }

  /** It waits for workers: it was submitted, or is tried again. */
  waits(): void {
    this.#hasRun = false;
    this.#look();
  }

  /** It holds so many workers now. */
  holds(held: number): void {
    this.#held = held;
    this.#look();
  }

  /** It runs: what it loses from now on is no wait in the queue. */
  runs(): void {
    this.#hasRun = true;
    this.#look();
  }

  /** It is over. */
  stop(): void {
    this.runs();
  }

  #look(): void {
    if (this.#seconds === undefined) return;
    if (!this.#hasRun && this.#held < this.#least) {
      if (this.#timer) return;
      this.#timer = setTimeout(this.#onExpired, this.#seconds * 1000);
      this.#timer.unref();
      return;
    }
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function queueTimeout(seconds: number, least: number, why: string): LockstepError {
  const tooFew = least === 1 ? 'No worker was' : `Fewer than ${least} workers (run.minWorkers) were`;
  const message = `${tooFew} there within run.queueTimeoutSeconds of ${seconds} s: ${why}.`;
  return new LockstepError('JOB_QUEUE_TIMEOUT', { message, field: 'run.queueTimeoutSeconds', value: String(seconds) });
}
