/** A nats-server on a port that stays, to be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { GUARDIAN } from '../local/guardian.js';
import { findNatsServer } from '../local/nats-server.js';
import { makeOwnedFolder } from '../local/owned-folder.js';

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 20;

/** One nats-server after another, each held by a guardian that ends it whatever happens to this process. */
export class RestartableNats {
  readonly #program: string;
  readonly #port: number;
  #guardian: ChildProcess | null = null;

  private constructor(program: string, port: number) {
    this.#program = program;
    this.#port = port;
  }

  /** Starts the first. @throws LockstepError NATS_SERVER_MISSING, NATS_SERVER_TOO_OLD, NATS_UNREACHABLE */
  static async start(serverPath: string | undefined, note: (text: string) => void): Promise<RestartableNats> {
    const nats = new RestartableNats(await findNatsServer({ path: serverPath, note }), await freePort());
    await nats.#launch();
    return nats;
  }

  /** "nats://127.0.0.1:port", the same for all of them. */
  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Kills it and starts another. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#launch();
  }

  /** Kills it. */
  async stop(): Promise<void> {
    const guardian = this.#guardian;
    if (!guardian || guardian.exitCode !== null || guardian.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => guardian.once('exit', () => resolve()));
    guardian.stdin?.end();
    await exited;
  }

  async #launch(): Promise<void> {
    const server = [this.#program, '--addr', '127.0.0.1', '--port', String(this.#port)];
    const args = ['-c', GUARDIAN, 'lockstep-nats-guardian', await makeOwnedFolder('nats'), ...server];
    const guardian = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guardian.stdin?.on('error', () => {});
    this.#guardian = guardian;
    for (const deadline = performance.now() + START_TIMEOUT_MS; performance.now() < deadline; await sleep(POLL_MS)) {
      if (guardian.exitCode !== null) break;
      if (await listens(this.#port)) return;
    }
    throw new LockstepError('NATS_UNREACHABLE', {
      message: `The nats-server ${this.#program} did not start on port ${this.#port}.`,
      field: '--nats-server',
      value: this.#program,
    });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(1000, () => answer(false));
    socket.once('data', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
