/** Keeps the list of jobs: the stream tells of its first page only, the others are asked for. */
import { hasOlderOpen, type JobList, withFirstPage, withNextPage, withOlderPages } from '../core/job-list.js';
import { type JobPage, readJobPage } from '../core/wire.js';
import { pauseAfter, RequestError, request } from './api.js';

/** Between two looks at older pages. */
const AGAIN_MS = 5_000;
/** The coordinator knows no such page: the job that it began with was deleted. */
const BAD_REQUEST = 400;

/** The list of jobs. */
export class JobsFollower {
  readonly #onList: (list: JobList) => void;
  readonly #request: typeof request;
  #list: JobList | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isResting = false;
  /** Settles when nothing is asked for any more: one thing at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(onList: (list: JobList) => void, ask: typeof request = request) {
    this.#onList = onList;
    this.#request = ask;
  }

  /** Takes what the stream tells. */
  takeFirst(page: JobPage): void {
    this.#isResting = false;
    this.#set(withFirstPage(this.#list, page));
    this.#lookSoon();
  }

  /** Adds the page behind those that there are. @returns how many jobs are known now @throws RequestError */
  loadMore(): Promise<number> {
    const more = this.#turn.then(() => this.#addPage());
    this.#turn = more.catch(() => null);
    return more;
  }

  /** Asks for nothing more by itself, until it is told a first page again. */
  rest(): void {
    this.#isResting = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #addPage(): Promise<number> {
    const { nextPageToken = '', olderPages = 0 } = this.#list ?? {};
    if (!nextPageToken) return 0;
    try {
      const page = await this.#page(nextPageToken);
      if (this.#list) this.#set(withNextPage(this.#list, page));
    } catch (thrown) {
      if (!isUnknownPage(thrown)) throw thrown;
      await this.#beginAnew(olderPages + 1);
    }
    this.#lookSoon();
    return this.#list?.jobs.length ?? 0;
  }

  /** Older pages change too: soon after the first one has, and for as long as a job on them may. */
  #lookSoon(): void {
    if (!this.#list?.olderPages || this.#isResting) return;
    const pauseMs = Math.max(AGAIN_MS, pauseAfter(this.#failures));
    this.#timer ??= setTimeout(() => {
      this.#turn = this.#turn.then(() => this.#look());
    }, pauseMs);
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    const { first, olderPages = 0 } = this.#list ?? {};
    if (!first || olderPages === 0 || this.#isResting) return;
    // Whoever is back within a few seconds finds the stream as it was: it tells the first page no more.
    if (document.hidden) return this.#lookSoon();
    try {
      await this.#takeOlder(first, olderPages).catch((thrown: unknown) => {
        if (!isUnknownPage(thrown)) throw thrown;
        return this.#beginAnew(olderPages);
      });
      this.#failures = 0;
    } catch {
      this.#failures++;
    }
    if (this.#failures > 0 || (this.#list && hasOlderOpen(this.#list))) this.#lookSoon();
  }

  async #beginAnew(olderPages: number): Promise<void> {
    const told = this.#list?.first;
    const first = await this.#page('');
    // What the stream has told meanwhile is newer.
    if (this.#list?.first === told) this.#set(withFirstPage(this.#list, first));
    await this.#takeOlder(first, olderPages);
  }

  async #takeOlder(first: JobPage, count: number): Promise<void> {
    const pages: JobPage[] = [];
    for (let token = first.nextPageToken; token && pages.length < count; token = pages.at(-1)?.nextPageToken ?? '') {
      pages.push(await this.#page(token));
    }
    if (this.#list && pages.length > 0) this.#set(withOlderPages(this.#list, first, pages));
  }

  async #page(token: string): Promise<JobPage> {
    const path = token ? `/api/jobs?pageToken=${encodeURIComponent(token)}` : '/api/jobs';
    return readJobPage(await this.#request('GET', path));
  }

  #set(list: JobList): void {
    this.#list = list;
    this.#onList(list);
  }
}

function isUnknownPage(thrown: unknown): boolean {
  return thrown instanceof RequestError && thrown.status === BAD_REQUEST;
}
