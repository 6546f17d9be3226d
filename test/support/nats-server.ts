/** Starts a real nats-server on a free port for one test file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { findNatsServer } from '../../packages/cli/src/local/nats-server.js';
import { accountConfig, NatsAccount, Nkey } from '../../packages/protocol/src/nats/account.js';

/** A running server. */
export interface NatsServer {
  /** "127.0.0.1:port". */
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** Kills it at once; the port stays free for {@link startNatsServer}. */
  stop(): Promise<void>;
}

/** How to start one. */
export interface NatsServerOptions {
  /** @default a free one */
  readonly port?: number;
  /** Further command-line arguments. */
  readonly args?: readonly string[];
}

/** Starts a server that is stopped when the running test ends; its address answers when the promise settles. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const port = options.port ?? (await freePort());
  const args = ['--addr', '127.0.0.1', '--port', String(port), ...(options.args ?? [])];
  const program = await findNatsServer({ note: () => {} });
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(stop);
  await ready(child);
  return { address: `127.0.0.1:${port}`, port, pid: child.pid ?? 0, stop };
}

/** A server that lets nobody in but users of one account. */
export interface AccountServer extends NatsServer {
  readonly account: NatsAccount;
  /** File of the account's key. */
  readonly accountKey: string;
}

/** Starts one with JetStream. @param more lines of its configuration */
export async function startAccountServer(more = ''): Promise<AccountServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-account-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const key = Nkey.draw('account');
  const [accountKey, config] = [join(folder, 'account.nk'), join(folder, 'nats.conf')];
  await writeFile(accountKey, key.seed);
  await writeFile(config, `jetstream { store_dir: "${folder}" }\n${more}\n${accountConfig(key)}`);
  const server = await startNatsServer({ args: ['--config', config] });
  return { ...server, account: new NatsAccount(key), accountKey };
}

/** A TCP port of the loopback interface that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (piece: Buffer) => {
      log += piece;
      if (log.includes('Server is ready')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}:\n${log}`)));
  });
}
