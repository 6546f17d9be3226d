/** Server-sent events that go on where they were, whatever happens in between. */
import { RequestError, request } from './api.js';

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

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** A browser keeps few connections to one coordinator: tabs that nobody looks at give theirs back. */
const HIDDEN_MS = 60_000;

/** Follows a stream until it is closed. @returns closes it */
export function followStream(options: StreamOptions): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let isClosed = false;

  const connect = (): void => {
    clearTimeout(timer);
    source?.close();
    const after = options.after();
    source = new EventSource(after > 0 ? `${options.path}?after=${after}` : options.path);
    source.onopen = () => {
      pauseMs = FIRST_PAUSE_MS;
      options.onStatus('open');
    };
    source.onerror = () => {
      options.onStatus('lost');
      // Else the browser tries again by itself.
      if (source?.readyState === EventSource.CLOSED) void refused();
    };
    for (const kind of options.kinds) {
      source.addEventListener(kind, ({ data }: MessageEvent<string>) => options.onMessage(kind, JSON.parse(data)));
    }
  };
  const refused = async (): Promise<void> => {
    const error = await request('GET', options.probe).then(
      () => null,
      (thrown: unknown) => (thrown instanceof RequestError ? thrown : null),
    );
    if (isClosed) return;
    if (error && [401, 403, 404].includes(error.status)) {
      options.onRefused(error);
      return;
    }
    timer = setTimeout(connect, pauseMs);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  };
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  const onVisibility = (): void => {
    clearTimeout(hiddenTimer);
    if (document.hidden) {
      hiddenTimer = setTimeout(() => {
        clearTimeout(timer);
        source?.close();
        source = null;
      }, HIDDEN_MS);
    } else if (!source) connect();
  };
  document.addEventListener('visibilitychange', onVisibility);
  connect();
  return () => {
    isClosed = true;
    clearTimeout(timer);
    clearTimeout(hiddenTimer);
    document.removeEventListener('visibilitychange', onVisibility);
    source?.close();
  };
}
