/** The dashboard's page and what it loads, from the folder that its build has made. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file as it is served. */
export interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  /** Of the header `cache-control`. */
  readonly cache: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Beside the command's bundle, else where the package of the page has it. */
const FOLDERS = ['./dashboard/', '../../../dashboard/bundle/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Addresses of the page, which finds out by itself what to show. */
const ROUTES = /^\/(workers|jobs\/[a-z0-9-]{1,63})?$/;

/** Files by the path that they are served under; what is not among them when it is read is never served. */
export class Pages {
  readonly #files: ReadonlyMap<string, PageFile>;

  private constructor(files: ReadonlyMap<string, PageFile>) {
    this.#files = files;
  }

  /**
   * Reads the built page.
   * @param folders the first that has a page counts
   * @returns null where none has
   * @throws what the disk says of a file that is there
   */
  static async read(folders: readonly string[] = FOLDERS): Promise<Pages | null> {
    for (const folder of folders) {
      const html = await readFile(join(folder, 'index.html')).catch(nullIfMissing);
      if (html === null) continue;
      const files = new Map<string, PageFile>([['/', fileOf('index.html', html, 'no-cache')]]);
      const names = (await readdir(join(folder, 'assets')).catch(nullIfMissing)) ?? [];
      for (const name of names.filter((name) => extname(name) in TYPES)) {
        const bytes = await readFile(join(folder, 'assets', name));
        // Its name has a hash of what is in it.
        files.set(`/assets/${name}`, fileOf(name, bytes, 'public, max-age=31536000, immutable'));
      }
      return new Pages(files);
    }
    return null;
  }

  /** @returns undefined where nothing is served under a path */
  find(path: string): PageFile | undefined {
    return this.#files.get(ROUTES.test(path) ? '/' : path);
  }
}

/** @throws what it is given, unless that says that there is nothing */
function nullIfMissing(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return null;
  throw thrown;
}

function fileOf(name: string, bytes: Buffer, cache: string): PageFile {
  return { bytes, type: TYPES[extname(name)] ?? '', cache };
}

/** Whether a path is one of the page, whether it was built or not. */
export function isOfPage(path: string): boolean {
  return ROUTES.test(path) || path.startsWith('/assets/');
}
