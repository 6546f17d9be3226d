/** Downloads one file to disk, bounded in size and patience, with its SHA-256. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';

/** Bounds and headers of a download. */
export interface DownloadLimits {
  /** Milliseconds without a byte after which it is given up. @default 5000 */
  readonly stallMs?: number;
  /** Aborts it. */
  readonly signal?: AbortSignal | undefined;
  /** Further headers of the request. */
  readonly headers?: Readonly<Record<string, string>>;
}

const DEFAULT_STALL_MS = 5000;
/** The archives have 8 MB; anything much larger is something else. */
const MAX_BYTES = 100 * 1024 * 1024;

/** Downloads `url` to `target`. @throws Error on another status than 200, a cut, a stall or too many bytes */
export async function download(url: string, target: string, limits: DownloadLimits = {}): Promise<void> {
  const { stallMs = DEFAULT_STALL_MS } = limits;
  const stall = new AbortController();
  const signals = limits.signal ? [limits.signal, stall.signal] : [stall.signal];
  const giveUp = (): void => stall.abort(new Error(`nothing came for ${stallMs / 1000} s`));
  const timer = setTimeout(giveUp, stallMs);
  const file = await open(target, 'w');
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any(signals),
      ...(limits.headers ? { headers: limits.headers } : {}),
    });
    if (response.status !== 200 || !response.body) throw new Error(`the site answered ${response.status}`);
    let bytes = 0;
    for await (const piece of response.body) {
      timer.refresh();
      bytes += piece.length;
      if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes came`);
      await file.write(piece);
    }
    const stated = response.headers.get('content-encoding') ? null : response.headers.get('content-length');
    if (stated !== null && bytes !== Number(stated)) throw new Error(`only ${bytes} of ${stated} bytes came`);
  } catch (thrown) {
    throw stall.signal.aborted ? stall.signal.reason : plainly(thrown);
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

/** Checks a file. @throws Error naming both sums */
export async function checkSha256(path: string, expected: string): Promise<void> {
  const found = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (found !== expected) throw new Error(`its SHA-256 is ${found}, not ${expected}`);
}

/** `fetch failed` says nothing; its cause does. */
function plainly(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !(thrown.cause instanceof Error)) return thrown;
  const { code } = thrown.cause as NodeJS.ErrnoException;
  return new Error(thrown.cause.message || code || thrown.message, { cause: thrown });
}
