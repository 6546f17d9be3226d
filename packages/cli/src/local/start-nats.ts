/** Starts a nats-server of this command's own, held by a guardian that ends it whatever happens to this process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { makeFolder } from '@lockstep/protocol/disk';
import { accountConfig, Nkey } from '@lockstep/protocol/nats-account';
import { accountKeyIn } from './account-key.js';
import { GUARDIAN } from './guardian.js';
import { findNatsServer } from './nats-server.js';
import { makeOwnedFolder } from './owned-folder.js';
import { withoutAccess } from './processes.js';

/** A nats-server that answers. */
export interface LocalNats {
  /** "nats://127.0.0.1:port". */
  readonly url: string;
  /** File of the key that makes users of it, whom alone it lets in. */
  readonly accountKey: string;
  /** Settles once it has ended, whatever ended it. */
  readonly exited: Promise<void>;
  /** The end of its log. */
  lastWords(): string;
  /** Starts another with the same port and folder, once it has ended. @throws LockstepError NATS_UNREACHABLE */
  again(): Promise<LocalNats>;
  /** Ends it and removes its folder; once is enough. */
  stop(): Promise<void>;
}

/** How it is started. */
export interface StartNatsOptions {
  /** Program to start. @default the one that is found, or fetched */
  readonly serverPath?: string | undefined;
  /** Folder that JetStream keeps its streams in, across starts. @default one that goes with the server */
  readonly streams?: string | undefined;
  readonly note: (text: string) => void;
  /** Ends the search for a program, and the start. */
  readonly signal?: AbortSignal | undefined;
}

type Guardian = ChildProcessByStdio<Writable, null, Readable>;

/** Takes a free port without a race; the server writes it into its ports file. */
const ANY_PORT = -1;
/** How the name of that file ends. */
const PORTS_FILE = '.ports';
/** A nats-server answers within 50 ms; a machine may be busy. */
const START_TIMEOUT_MS = 10_000;
const POLL_MS = 10;
/** A chunk of parameters has at most 256 KiB; requests of a control plane may be larger. */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
/** Far above the publisher's credit, so that a slow reader is not cut off before the credit stops the publisher. */
const MAX_PENDING_BYTES = 256 * 1024 * 1024;
/** Whoever has the key of the account makes users of it. */
const OWNER_ONLY = { mode: 0o600 };
/** Characters of its log that are kept for an error. */
const MAX_LOG_TAIL = 2000;

/** Starts a nats-server on a free loopback port. @throws LockstepError NATS_SERVER_MISSING, NATS_SERVER_TOO_OLD, NATS_UNREACHABLE */
export async function startNats({ serverPath, streams, note, signal }: StartNatsOptions): Promise<LocalNats> {
  const program = await findNatsServer({ path: serverPath, note, signal });
  const folder = await makeOwnedFolder('nats');
  // Streams belong to the account that has made them, and are found again with its key alone.
  const account = streams ? await accountKeyIn(streams) : Nkey.draw('account');
  return launch({
    ...{ program, folder, account, port: ANY_PORT, signal },
    streams: streams ?? join(folder, 'jetstream'),
  });
}

interface Launch {
  readonly program: string;
  readonly folder: string;
  readonly streams: string;
  readonly account: Nkey;
  readonly port: number;
  readonly signal: AbortSignal | undefined;
}

async function launch(how: Launch): Promise<LocalNats> {
  const { program, folder, streams, account, port, signal } = how;
  const configPath = join(folder, 'nats.conf');
  const accountKey = join(folder, 'account.nk');
  await writeFile(accountKey, account.seed, OWNER_ONLY);
  await writeFile(configPath, config(streams, port) + accountConfig(account), OWNER_ONLY);
  // A session of its own: Ctrl-C in a terminal goes to the command, which ends things in order.
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'lockstep-nats-guardian', folder, program, '-c', configPath], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: withoutAccess(process.env),
    detached: true,
  });
  const lastWords = collectLog(guardian);
  const exited = new Promise<void>((resolve) => guardian.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    await endGuardian(guardian);
    // The guardian removes it; this is for one that was killed, or whose server ended by itself.
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await answeringUrl(guardian, folder, signal);
    const again = (): Promise<LocalNats> => relaunch({ ...how, port: Number(new URL(url).port) });
    return { url, accountKey, exited, lastWords, again, stop };
  } catch (thrown) {
    await (port === ANY_PORT ? stop() : endGuardian(guardian));
    throw new LockstepError('NATS_UNREACHABLE', {
      message: `The nats-server ${program} ${(thrown as Error).message}. ${lastWords()}`.trim(),
      field: '--nats-server',
      value: program,
      fix: 'See its words in the message, or give another one with --nats-server PATH.',
    });
  }
}

async function relaunch(how: Launch): Promise<LocalNats> {
  await makeFolder(how.folder);
  // Where the one before listened says nothing of this one.
  const stale = (await readdir(how.folder)).filter((name) => name.endsWith(PORTS_FILE));
  for (const name of stale) await rm(join(how.folder, name), { force: true });
  return launch(how);
}

function config(streams: string, port: number): string {
  return `listen: "127.0.0.1:${port}"
server_name: "lockstep-local"
max_payload: ${MAX_PAYLOAD_BYTES}
max_pending: ${MAX_PENDING_BYTES}
jetstream { store_dir: ${JSON.stringify(streams)}, sync_interval: always }
`;
}

function collectLog(guardian: Guardian): () => string {
  let tail = '';
  guardian.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-MAX_LOG_TAIL);
  });
  guardian.stdin.on('error', () => {});
  return () => tail.trim();
}

/** The URL once the server greets. @throws Error saying what it did instead */
async function answeringUrl(guardian: Guardian, folder: string, signal: AbortSignal | undefined): Promise<string> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (signal?.aborted) throw new Error('was told to stop');
    if (guardian.exitCode !== null || guardian.signalCode !== null) throw new Error('ended at once');
    const url = await listeningUrl(folder);
    if (url && (await greets(url))) return url;
    await sleep(POLL_MS);
  }
  throw new Error(`did not answer within ${START_TIMEOUT_MS / 1000} s`);
}

async function listeningUrl(folder: string): Promise<string | null> {
  try {
    const name = (await readdir(folder)).find((entry) => entry.endsWith(PORTS_FILE));
    if (!name) return null;
    const ports = JSON.parse(await readFile(join(folder, name), 'utf8')) as { nats?: readonly string[] };
    return ports.nats?.[0] ?? null;
  } catch {
    // Written halfway, or gone with a server that ended; the caller sees that.
    return null;
  }
}

function greets(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const answer = (isGreeting: boolean): void => {
      socket.destroy();
      resolve(isGreeting);
    };
    socket.setTimeout(1000, () => answer(false));
    socket.once('data', (data) => answer(data.toString('latin1').startsWith('INFO ')));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
  });
}

function endGuardian(guardian: Guardian): Promise<void> {
  return new Promise((resolve) => {
    if (guardian.exitCode !== null || guardian.signalCode !== null || guardian.pid === undefined) resolve();
    else {
      guardian.once('exit', () => resolve());
      guardian.stdin.end();
    }
  });
}
