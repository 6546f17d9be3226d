/** TensorFlow's wheel in a folder of its own: a whole file is kept, and one that was cut is gone on with. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskFull } from '@lockstep/protocol/core';
import { makeFolder } from '@lockstep/protocol/disk';
import { checkSha256 } from '../local/download.js';
import { INDEX_FILE, wheelByPip, wheelFromIndex } from '../local/wheels.js';
import type { TensorflowWheel } from './tensorflow-wheels.js';
import type { Toolchain } from './toolchain.js';

const MIB = 2 ** 20;
/** Half a gigabyte over a slow line. */
const PIP_PATIENCE = { retries: 5, answerSeconds: 30, timeoutMs: 3_600_000 } as const;
const STALL_MS = 30_000;
const REPORT_MS = 5000;

/**
 * Fetches a wheel from the index that PIP_INDEX_URL names, else by pip, or finds it whole.
 * @param folder where it is kept between tries
 * @returns its path
 * @throws Error with every try; that of a full disk at once
 */
export async function fetchWheel(
  wheel: TensorflowWheel,
  folder: string,
  {
    tools,
    note,
    signal,
  }: { readonly tools: Toolchain; readonly note: (text: string) => void; readonly signal: AbortSignal },
): Promise<string> {
  await makeFolder(folder);
  const kept = await keptWheel(folder, wheel);
  if (kept) return kept;
  const { python, index } = tools;
  const title = `TensorFlow ${wheel.version}`;
  note(`${title}: fetching ${Math.round(wheel.bytes / MIB)} MiB`);
  const limits = { signal, stallMs: STALL_MS, maxBytes: wheel.bytes, resume: true };
  const isOfIndex = (name: string): boolean => name === INDEX_FILE;
  const ways = [
    ...(index ? [{ run: () => wheelFromIndex(wheel, folder, { index, limits }), writes: isOfIndex }] : []),
    ...(python
      ? [
          {
            run: () => wheelByPip(wheel, folder, { python, patience: PIP_PATIENCE, signal }),
            writes: (name: string) => !isOfIndex(name),
          },
        ]
      : []),
  ];
  const tries: string[] = [];
  for (const { run, writes } of ways) {
    const tell = async (): Promise<void> => {
      const found = await largestFile(folder, writes);
      note(`${title}: ${Math.min(100, Math.floor((found / wheel.bytes) * 100))} %`);
    };
    const timer = setInterval(() => void tell(), REPORT_MS);
    try {
      return await run();
    } catch (thrown) {
      signal.throwIfAborted();
      // No other way makes room.
      if (isDiskFull(thrown)) throw thrown;
      tries.push((thrown as Error).message);
    } finally {
      clearInterval(timer);
    }
  }
  throw new Error(tries.join('; '));
}

/** The wheel of an earlier try; what is of no use, such as a torn file of pip, goes. */
async function keptWheel(folder: string, { sha256, bytes }: TensorflowWheel): Promise<string | null> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { size } = await stat(path);
    // Only what came from the index can be gone on with.
    if (name === INDEX_FILE && size < bytes) continue;
    if (name.endsWith('.whl') && sha256 && (await hasSum(path, sha256))) return path;
    await rm(path, { recursive: true, force: true });
  }
  return null;
}

function hasSum(path: string, sha256: string): Promise<boolean> {
  return checkSha256(path, sha256).then(
    () => true,
    () => false,
  );
}

/** Bytes of the largest file under a folder, of those that a test takes: pip holds a second copy for a moment. */
async function largestFile(folder: string, isTaken: (name: string) => boolean): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.filter(isTaken).map((name) =>
    stat(join(folder, name)).then(
      (entry) => (entry.isFile() ? entry.size : 0),
      () => 0,
    ),
  );
  return Math.max(0, ...(await Promise.all(sizes)));
}
