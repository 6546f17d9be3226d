/** A nats-server of this command's own that is started again on its port whenever it dies. */
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreLock } from '@lockstep/coordinator/store-lock';
import { LockstepError, writeError } from '@lockstep/protocol/core';
import { formatDuration } from '../render/progress.js';
import { type LocalNats, type StartNatsOptions, startNats } from './start-nats.js';

/** A nats-server that answers, but for the moments after a death. */
export interface KeptNats {
  /** "nats://127.0.0.1:port", the same for all of its lives. */
  readonly url: string;
  /** Rejects when it cannot be kept alive. */
  readonly failed: Promise<never>;
  /** Ends it for good and removes its folder. */
  stop(): Promise<void>;
}

/** How it is started, and how long it is waited before each further start after deaths in a row. */
export interface KeepNatsOptions extends StartNatsOptions {
  /** Milliseconds; after as many deaths in a row it is given up. */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [100, 500, 1000, 2000, 4000];
/** One that lived as long as this was well: the next death is the first in a row. */
const WELL_MS = 30_000;

/** Starts a nats-server and keeps it. @throws LockstepError STORE_IN_USE, NATS_SERVER_MISSING, NATS_SERVER_TOO_OLD, NATS_UNREACHABLE */
export async function keepNats({ pausesMs = PAUSES_MS, ...options }: KeepNatsOptions): Promise<KeptNats> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  // Two servers on one folder would write over each other's streams.
  const lock = options.streams ? await lockStreams(options.streams) : null;
  const unlock = async (): Promise<void> => lock?.release();
  try {
    return new Keeper(await startNats({ ...options, signal }), { note: options.note, pausesMs, stop, unlock });
  } catch (thrown) {
    await unlock();
    throw thrown;
  }
}

async function lockStreams(folder: string): Promise<StoreLock> {
  const { lockStore } = await import('@lockstep/coordinator/store-lock');
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw writeError(folder, cause, { field: '--store' });
  });
  return lockStore(folder);
}

interface Keeping {
  readonly note: (text: string) => void;
  readonly pausesMs: readonly number[];
  readonly stop: AbortController;
  /** Lets others have the folder of the streams. */
  readonly unlock: () => Promise<void>;
}

class Keeper implements KeptNats {
  readonly url: string;
  readonly failed: Promise<never>;
  readonly #how: Keeping;
  readonly #ended: Promise<void>;
  #server: LocalNats;
  #fail: (error: LockstepError) => void = () => {};

  constructor(server: LocalNats, how: Keeping) {
    this.url = server.url;
    this.#server = server;
    this.#how = how;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
    this.#ended = this.#keep();
  }

  async stop(): Promise<void> {
    this.#how.stop.abort();
    await this.#server.stop();
    await this.#ended;
    // The one that was being started meanwhile.
    await this.#server.stop();
    await this.#how.unlock();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#how.stop;
    let deaths = 0;
    let words = '';
    for (let startedMs = performance.now(); ; startedMs = performance.now()) {
      await this.#server.exited;
      if (performance.now() - startedMs >= WELL_MS) deaths = 0;
      words = this.#server.lastWords();
      let next: LocalNats | null = null;
      while (!next) {
        if (signal.aborted) return;
        const pauseMs = this.#how.pausesMs[deaths++];
        if (pauseMs === undefined) return this.#fail(givenUp(deaths, words));
        this.#how.note(`nats-server ended; it starts again in ${formatDuration(pauseMs / 1000)}`);
        // Stopped early, it rejects; the loop then ends by itself.
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
        next = await this.#server.again().catch((thrown: unknown) => {
          words = LockstepError.from(thrown).message;
          return null;
        });
      }
      this.#server = next;
    }
  }
}

function givenUp(deaths: number, words: string): LockstepError {
  return new LockstepError('NATS_UNREACHABLE', {
    message: `The nats-server ended ${deaths} times in a row. The end of its log: ${words || '(nothing)'}`,
    field: '--nats-server',
    fix: 'Mend what its log names, or use a running one with --nats URL; then run again.',
  });
}
