/** Server-sent events that go on where they were, whatever happens in between. */
import { isRefusal, pauseAfter, RequestError, request } from './api.js';

/** How a stream is. */
export type StreamStatus = 'connecting' | 'open' | 'lost';

/** What to listen to, and who wants to know. */
export interface StreamOptions {
  readonly path: string;
  /** Asked where the stream was refused: its error says why. */
  readonly probe: string;
  /** Names of the events. */
  readonly kinds: readonly string[];
  /** Sequence of the newest event that is known; a new connection goes on behind it. */
  readonly after: () => number;
  readonly onMessage: (kind: string, data: unknown) => void;
  readonly onStatus: (status: StreamStatus) => void;
  /** The coordinator will not send it: 401 or 404, for example. Nothing is tried again. */
  readonly onRefused: (error: RequestError) => void;
}

/** A browser keeps few connections to one coordinator: tabs that nobody looks at give theirs back. */
const HIDDEN_MS = 5_000;
/** What the coordinator sends where there is nothing else, every 15 s. */
const ALIVE = 'alive';
/** So long without a message, and the network is gone without having said so: two of them are missing. */
const SILENT_MS = 35_000;

/** Follows a stream, while somebody looks at the page, until it is closed. @returns closes it */
export function followStream(options: StreamOptions): () => void {
  const stream = new Stream(options);
  const onVisibility = (): void => stream.visibilityChanged();
  document.addEventListener('visibilitychange', onVisibility);
  stream.connect();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    stream.close();
  };
}

class Stream {
  readonly #options: StreamOptions;
  #source: EventSource | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #silentTimer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Connects, or connects anew, where somebody looks. */
  connect(): void {
    this.#giveBack();
    if (this.#isClosed || document.hidden) return;
    const { path, kinds, after, onMessage, onStatus } = this.#options;
    const sequence = after();
    const source = new EventSource(sequence > 0 ? `${path}?after=${sequence}` : path);
    this.#source = source;
    this.#hear();
    source.onopen = () => {
      this.#failures = 0;
      this.#hear();
      onStatus('open');
    };
    source.onerror = () => {
      onStatus('lost');
      // Else the browser tries again by itself.
      if (source.readyState === EventSource.CLOSED) void this.#refused();
    };
    source.addEventListener(ALIVE, () => this.#hear());
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data }: MessageEvent<string>) => {
        this.#hear();
        onMessage(kind, JSON.parse(data));
      });
    }
  }

  visibilityChanged(): void {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) this.#hiddenTimer = setTimeout(() => this.#giveBack(), HIDDEN_MS);
    else if (!this.#source) this.connect();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#hiddenTimer);
    this.#giveBack();
  }

  /** Something came: the next must too. */
  #hear(): void {
    clearTimeout(this.#silentTimer);
    if (!this.#source) return;
    this.#silentTimer = setTimeout(() => {
      this.#options.onStatus('lost');
      this.connect();
    }, SILENT_MS);
  }

  #giveBack(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silentTimer);
    this.#source?.close();
    this.#source = null;
  }

  async #refused(): Promise<void> {
    this.#giveBack();
    const error = await request('GET', this.#options.probe).then(
      () => null,
      (thrown: unknown) => (thrown instanceof RequestError ? thrown : null),
    );
    if (this.#isClosed || this.#source) return;
    if (error && isRefusal(error)) {
      this.close();
      this.#options.onRefused(error);
      return;
    }
    this.#retryTimer = setTimeout(() => this.connect(), pauseAfter(++this.#failures));
  }
}
