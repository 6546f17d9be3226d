/** A worker process that is started again whenever it dies. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockstepError } from '@lockstep/protocol/core';
import { formatDuration } from '../render/progress.js';
import { reportedError } from './child-words.js';
import { startWorker, type WorkerMemberOptions } from './members.js';
import type { ChildCommand, ChildExit } from './processes.js';

/** What a worker is started with. */
export interface SupervisedWorkerOptions extends WorkerMemberOptions {
  readonly note: (text: string) => void;
  /** Told of each line of its stderr. */
  readonly onErrorLine: (line: string) => void;
  /** Told of an error that no further start can mend, such as a device that is not there. */
  readonly onHopeless: (error: LockstepError) => void;
}

/** Milliseconds before the first further start; twice as long after each death in a row. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** A worker that lived as long as this was well: the next pause is the first one again. */
const WELL_MS = 30_000;
/** Exit code of errors that lie in what was asked for. */
const BAD_INPUT = 2;

/** Milliseconds to wait after a life of `livedMs` that followed a wait of `pauseMs`; 0 stands for none before. */
export function nextPause(pauseMs: number, livedMs: number): number {
  if (pauseMs === 0 || livedMs >= WELL_MS) return FIRST_PAUSE_MS;
  return Math.min(pauseMs * 2, MAX_PAUSE_MS);
}

/** Lives of one worker, one after another, until it is stopped. */
export class SupervisedWorker {
  readonly #options: SupervisedWorkerOptions;
  readonly #stop = new AbortController();
  #child: ChildCommand | null = null;
  readonly #ended: Promise<void>;

  constructor(options: SupervisedWorkerOptions) {
    this.#options = options;
    this.#ended = this.#live();
  }

  /** Ends it and starts no other. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#child?.stop();
    await this.#ended;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stop;
    for (let pauseMs = 0; !signal.aborted; ) {
      const startedMs = performance.now();
      const exit = await this.#liveOnce();
      if (signal.aborted) return;
      const error = reportedError(exit);
      if (error?.entry.exit === BAD_INPUT) {
        this.#options.onHopeless(error);
        return;
      }
      pauseMs = nextPause(pauseMs, performance.now() - startedMs);
      this.#options.note(deathNote(this.#options.name, exit, error, pauseMs));
      // Stopped early, it rejects; the loop then ends by itself.
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  #liveOnce(): Promise<ChildExit> {
    this.#child = startWorker(this.#options);
    return this.#child.exited;
  }
}

function deathNote(name: string, exit: ChildExit, error: LockstepError | null, pauseMs: number): string {
  const why = error ? `${exit.reason}, ${error.message}` : exit.reason;
  return `${name} ended: ${why}; it starts again in ${formatDuration(pauseMs / 1000)}`;
}
