/** Downloads one file to disk, bounded in size and patience, with its SHA-256. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Bounds and headers of a download. */
export interface DownloadLimits {
  /** Milliseconds without a byte after which it is given up. @default 5000 */
  readonly stallMs?: number;
  /** Aborts it. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes at most. @default 100 MiB */
  readonly maxBytes?: number;
  /** Goes on where an earlier try at the same file was cut. @default false it starts anew */
  readonly resume?: boolean;
  /** Further headers of the request. */
  readonly headers?: Readonly<Record<string, string>>;
}

const DEFAULT_STALL_MS = 5000;
/** The archives have 8 MB; anything much larger is something else. */
const MAX_BYTES = 100 * 1024 * 1024;
const OK = 200;
const PARTIAL = 206;

/**
 * Downloads `url` to `target`. A user name and a password in it go to its own origin alone, and into no error.
 * @throws Error on another status than asked for, a cut, a stall or too many bytes
 */
export async function download(url: string, target: string, limits: DownloadLimits = {}): Promise<void> {
  const { stallMs = DEFAULT_STALL_MS, maxBytes = MAX_BYTES, resume = false } = limits;
  const stall = new AbortController();
  const signals = limits.signal ? [limits.signal, stall.signal] : [stall.signal];
  const giveUp = (): void => stall.abort(new Error(`nothing came for ${stallMs / 1000} s`));
  const timer = setTimeout(giveUp, stallMs);
  const file = await open(target, resume ? 'a' : 'w');
  try {
    const have = (await file.stat()).size;
    const { address, authorization } = withoutCredentials(url);
    const headers = { ...limits.headers, ...authorization, ...(have > 0 ? { range: `bytes=${have}-` } : {}) };
    const response = await fetch(address, { signal: AbortSignal.any(signals), headers });
    const isRest = have > 0 && response.status === PARTIAL;
    if ((response.status !== OK && !isRest) || !response.body) throw new Error(`the site answered ${response.status}`);
    // A site that knows no ranges sends all of it again.
    if (!isRest) await file.truncate();
    let bytes = isRest ? have : 0;
    for await (const piece of response.body) {
      timer.refresh();
      bytes += piece.length;
      if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes came`);
      await file.write(piece);
    }
    const length = response.headers.get('content-encoding') ? null : response.headers.get('content-length');
    const stated = length === null ? bytes : Number(length) + (isRest ? have : 0);
    if (bytes !== stated) throw new Error(`only ${bytes} of ${stated} bytes came`);
  } catch (thrown) {
    throw stall.signal.aborted ? stall.signal.reason : plainly(thrown);
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

/** `fetch` takes no address with credentials, and quotes it; their header it drops on the way to another origin. */
function withoutCredentials(url: string): { readonly address: URL; readonly authorization: Record<string, string> } {
  if (!URL.canParse(url)) throw new Error('its address is no URL');
  const address = new URL(url);
  const { username, password } = address;
  if (!username && !password) return { address, authorization: {} };
  address.username = '';
  address.password = '';
  const words = Buffer.from(`${plainWord(username)}:${plainWord(password)}`).toString('base64');
  return { address, authorization: { authorization: `Basic ${words}` } };
}

/** A word of a URL; one that is not percent-encoded is taken as it stands. */
function plainWord(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** Checks a file. @throws Error naming both sums */
export async function checkSha256(path: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('hex');
  if (found !== expected) throw new Error(`its SHA-256 is ${found}, not ${expected}`);
}

/** `fetch failed` says nothing; its cause does. */
function plainly(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !(thrown.cause instanceof Error)) return thrown;
  const { code } = thrown.cause as NodeJS.ErrnoException;
  return new Error(thrown.cause.message || code || thrown.message, { cause: thrown });
}
