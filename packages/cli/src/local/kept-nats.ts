/** A nats-server of this command's own that is started again on its port whenever it dies. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { formatDuration } from '../render/progress.js';
import { FirstFailure } from './first-failure.js';
import { type LocalNats, type StartNatsOptions, startNats } from './start-nats.js';

/** A nats-server that answers, but for the moments after a death. */
export interface KeptNats {
  /** "nats://127.0.0.1:port", the same for all of its lives. */
  readonly url: string;
  /** File of the key that makes users of it. */
  readonly accountKey: string;
  /** Rejects when it cannot be kept alive. */
  readonly failed: Promise<never>;
  /** Ends it for good and removes its folder. */
  stop(): Promise<void>;
}

/** How it is started, and how long it is waited before each further start after deaths in a row. */
export interface KeepNatsOptions extends Omit<StartNatsOptions, 'streams'> {
  /** Folder of the store that JetStream keeps its streams in, across starts. @default one that goes with the server */
  readonly store?: string | undefined;
  /** Milliseconds; after as many deaths in a row it is given up. */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [100, 500, 1000, 2000, 4000];
/** One that lived as long as this was well: the next death is the first in a row. */
const WELL_MS = 30_000;

/** Starts a nats-server and keeps it. @throws LockstepError STORE_IN_USE, NATS_SERVER_MISSING, NATS_SERVER_TOO_OLD, NATS_UNREACHABLE */
export async function keepNats({ pausesMs = PAUSES_MS, store, ...options }: KeepNatsOptions): Promise<KeptNats> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  // Two servers on one folder would write over each other's streams.
  const lock = store ? await (await import('@lockstep/coordinator/store-lock')).lockStore(store, 'nats') : null;
  const unlock = (): void => lock?.release();
  try {
    const server = await startNats({ ...options, streams: store && join(store, 'nats'), signal });
    return new Keeper(server, { note: options.note, pausesMs, stop, unlock });
  } catch (thrown) {
    unlock();
    throw thrown;
  }
}

interface Keeping {
  readonly note: (text: string) => void;
  readonly pausesMs: readonly number[];
  readonly stop: AbortController;
  /** Lets others have the folder of the streams. */
  readonly unlock: () => void;
}

class Keeper implements KeptNats {
  readonly url: string;
  readonly accountKey: string;
  readonly failed: Promise<never>;
  readonly #how: Keeping;
  readonly #ended: Promise<void>;
  #server: LocalNats;
  readonly #failure = new FirstFailure();

  constructor(server: LocalNats, how: Keeping) {
    this.url = server.url;
    this.accountKey = server.accountKey;
    this.#server = server;
    this.#how = how;
    this.failed = this.#failure.promise;
    this.#ended = this.#keep();
  }

  async stop(): Promise<void> {
    this.#how.stop.abort();
    await this.#server.stop();
    await this.#ended;
    // The one that was being started meanwhile.
    await this.#server.stop();
    this.#how.unlock();
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
        if (pauseMs === undefined) return this.#failure.tell(givenUp(deaths, words));
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
