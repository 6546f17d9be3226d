/** Events of a job in its folder of the store, one JSON line each, so that a coordinator that starts again tells them too. */
import { appendFile, readFile } from 'node:fs/promises';
import { diskError } from '@lockstep/data';
import type { JobEvent } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { writeAtomic } from './adapters/atomic-file.js';
import type { Job } from './job.js';
import { MAX_EVENTS } from './limits.js';

/** Goes before the word of a number that JSON does not have. */
const NOT_JSON = '\u0000';

/** The line of an event. */
export function eventLine(event: JobEvent): string {
  return `${JSON.stringify(event, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${NOT_JSON}${value}` : value,
  )}\n`;
}

/** Events of a file; a line that was torn by a crash, or damaged, is passed over. */
export function readEvents(text: string): JobEvent[] {
  const events: JobEvent[] = [];
  for (const line of text.split('\n')) {
    try {
      const event = JSON.parse(line, (_key, value: unknown) =>
        typeof value === 'string' && value.startsWith(NOT_JSON) ? Number(value.slice(1)) : value,
      ) as JobEvent;
      if (Number(event.sequence) > Number(events.at(-1)?.sequence ?? 0)) events.push(event);
    } catch {
      // Told by the gap in what is shown; the record of the job is elsewhere.
    }
  }
  return events;
}

/** Events that an earlier coordinator kept; none where there is no file. */
export async function loadEvents(path: string): Promise<JobEvent[]> {
  return readFile(path, 'utf8').then(readEvents, () => []);
}

/** Keeps a job's events in a file from now on, at most about twice as many as in memory. */
export class JobHistory {
  readonly #job: Job;
  readonly #path: string;
  readonly #onFailed: (error: LockstepError) => void;
  readonly #unfollow: () => void;
  #sequence = 0;
  #lines = 0;
  #isWriting = false;
  #tail: Promise<void> = Promise.resolve();

  /** @param onFailed told once, when events can be kept no more */
  constructor(job: Job, path: string, onFailed: (error: LockstepError) => void) {
    this.#job = job;
    this.#path = path;
    this.#onFailed = onFailed;
    this.#unfollow = job.follow(() => this.#write());
    // A crash may have left the last line without an end.
    this.#tail = appendFile(path, '\n').catch((cause: unknown) => this.#fail(cause));
    this.#write();
  }

  /** Settles when all events so far are written. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  #write(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#tail = this.#tail.then(() => this.#writeNew()).catch((cause: unknown) => this.#fail(cause));
  }

  async #writeNew(): Promise<void> {
    this.#isWriting = false;
    const events = this.#job.eventsAfter(this.#sequence);
    if (events.length > 0) {
      this.#sequence = Number(events.at(-1)?.sequence);
      this.#lines += events.length;
      if (this.#lines <= 2 * MAX_EVENTS) await appendFile(this.#path, events.map(eventLine).join(''));
      else await this.#shorten();
    }
    if (!this.#job.hasEnded) return;
    this.#job.archive(() => loadEvents(this.#path));
    this.#unfollow();
  }

  /** Writes what memory still has in the place of all. */
  async #shorten(): Promise<void> {
    await this.#job.remember();
    const events = this.#job.eventsAfter(0);
    this.#lines = events.length;
    await writeAtomic(this.#path, events.map(eventLine));
  }

  #fail(cause: unknown): void {
    this.#unfollow();
    this.#onFailed(cause instanceof LockstepError ? cause : diskError(this.#path, cause));
  }
}
