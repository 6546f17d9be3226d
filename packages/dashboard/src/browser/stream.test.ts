/** When the page holds a connection, and when it takes one for lost. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followStream, type StreamStatus } from './stream.js';

class FakeSource {
  static readonly CLOSED = 2;
  static readonly opened: FakeSource[] = [];
  readonly url: string;
  readyState = 1;
  onopen: () => void = () => {};
  onerror: () => void = () => {};
  readonly #listeners = new Map<string, (event: { readonly data: string }) => void>();

  constructor(url: string) {
    this.url = url;
    FakeSource.opened.push(this);
  }

  addEventListener(kind: string, listener: (event: { readonly data: string }) => void): void {
    this.#listeners.set(kind, listener);
  }

  send(kind: string, data = '{}'): void {
    this.#listeners.get(kind)?.({ data });
  }

  refuse(): void {
    this.readyState = FakeSource.CLOSED;
    this.onerror();
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

class FakeDocument extends EventTarget {
  hidden = false;

  show(isShown: boolean): void {
    this.hidden = !isShown;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: FakeDocument;
let statuses: StreamStatus[];
let refusals: number[];
const held = (): readonly FakeSource[] => FakeSource.opened.filter(({ readyState }) => readyState !== 2);
const newest = (): FakeSource => FakeSource.opened.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.opened.length = 0;
  page = new FakeDocument();
  statuses = [];
  refusals = [];
  vi.stubGlobal('document', page);
  vi.stubGlobal('EventSource', FakeSource);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function follow(): () => void {
  return followStream({
    path: '/api/events',
    probe: '/api/jobs',
    kinds: ['jobs'],
    after: () => 7,
    onMessage: () => {},
    onStatus: (status) => statuses.push(status),
    onRefused: ({ status }) => refusals.push(status),
  });
}

function answer(status: number): void {
  vi.stubGlobal('fetch', async () => Response.json({}, { status }));
}

it('a tab that is opened behind others connects once somebody looks at it', () => {
  page.hidden = true;
  follow();
  expect(FakeSource.opened).toHaveLength(0);
  page.show(true);
  expect(held().map(({ url }) => url)).toEqual(['/api/events?after=7']);
});

it('a tab that nobody looks at gives its connection back soon, and not for a glance elsewhere', () => {
  follow();
  page.show(false);
  vi.advanceTimersByTime(4000);
  page.show(true);
  vi.advanceTimersByTime(10_000);
  expect([FakeSource.opened.length, held().length]).toEqual([1, 1]);
  page.show(false);
  vi.advanceTimersByTime(6000);
  expect(held()).toHaveLength(0);
  vi.advanceTimersByTime(100_000);
  expect(held()).toHaveLength(0);
  page.show(true);
  expect(held()).toHaveLength(1);
});

it('a stream that is refused while nobody looks waits until somebody does', async () => {
  answer(503);
  follow();
  page.show(false);
  newest().refuse();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSource.opened).toHaveLength(1);
  page.show(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(held().length).toBe(1);
});

it('a stream that is refused for good is not asked for again', async () => {
  answer(404);
  follow();
  newest().refuse();
  await vi.advanceTimersByTimeAsync(0);
  expect(refusals).toEqual([404]);
  page.show(false);
  page.show(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSource.opened).toHaveLength(1);
});

it.each(['alive', 'jobs'])('a stream without a word is lost and begun anew, with %s in time it is not', (kind) => {
  const close = follow();
  newest().onopen();
  for (let seconds = 0; seconds < 90; seconds += 30) {
    vi.advanceTimersByTime(30_000);
    newest().send(kind);
  }
  expect([statuses, FakeSource.opened.length]).toEqual([['open'], 1]);
  vi.advanceTimersByTime(36_000);
  expect([statuses, FakeSource.opened.length, held().length]).toEqual([['open', 'lost'], 2, 1]);
  newest().onopen();
  expect(statuses.at(-1)).toBe('open');
  close();
  vi.advanceTimersByTime(100_000);
  expect(held()).toHaveLength(0);
});
