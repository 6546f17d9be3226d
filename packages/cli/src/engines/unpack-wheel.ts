/** Takes TensorFlow's libraries, and the headers that the binding includes, out of a wheel, one file at a time. */
import { createWriteStream } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '@lockstep/protocol/disk';
import { openPromise } from 'yauzl';

/** Folders of the headers that the C API needs; all of TensorFlow's are 13,000 files. */
const HEADERS =
  /^tensorflow\/include\/((?:tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/[\w./-]+\.h)$/;

/**
 * Writes `lib/` and `include/` into a folder.
 * @param libraries names that must be there
 * @throws Error naming a library that the wheel lacks
 */
export async function unpackTensorflow(
  wheel: string,
  folder: string,
  { libraries, signal }: { readonly libraries: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  const zip = await openPromise(wheel, { autoClose: false });
  const missing = new Set(libraries);
  try {
    for await (const entry of zip.eachEntry()) {
      const target = targetOf(entry.fileName, libraries);
      if (!target) continue;
      const path = join(folder, target);
      await makeFolder(dirname(path));
      // On disk before the folder is called whole.
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flush: true }), { signal });
      missing.delete(basename(target));
    }
  } finally {
    zip.close();
  }
  if (missing.size > 0) throw new Error(`${basename(wheel)} holds no ${[...missing].join(', ')}`);
}

/** Where a file of the wheel goes; null where it is not needed. yauzl refuses names that lead out of the folder. */
function targetOf(name: string, libraries: readonly string[]): string | null {
  const header = HEADERS.exec(name)?.[1];
  if (header) return join('include', header);
  const library = /^tensorflow\/([^/]+)$/.exec(name)?.[1];
  return library && libraries.includes(library) ? join('lib', library) : null;
}
