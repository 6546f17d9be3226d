/** A nats-server, a coordinator and workers as descendants of this command, all gone when it ends. */
import { rm } from 'node:fs/promises';
import { CATALOGUE, type ErrorCode, type ErrorContext, LockstepError } from '@lockstep/protocol/core';
import { makeOwnedFolder } from './owned-folder.js';
import { type ChildCommand, type ChildExit, spawnLockstep } from './processes.js';
import { type LocalNats, startNats } from './start-nats.js';

/** What to start. */
export interface ClusterOptions {
  readonly workers: number;
  readonly device: string;
  /** URL of a running nats-server; one is started when left out. */
  readonly nats?: string | undefined;
  /** nats-server program to start. */
  readonly natsServer?: string | undefined;
  /** Port of the coordinator. @default 0, a free one */
  readonly port?: string | undefined;
  readonly note: (text: string) => void;
}

/** A cluster that is starting or running. */
export interface LocalCluster {
  /** Addresses once the coordinator listens. */
  readonly ready: Promise<{ address: string; metricsAddress: string }>;
  /** Rejects when a process that the job cannot go on without has died. */
  readonly failed: Promise<never>;
  /** Ends every process and removes the store. */
  stop(): Promise<void>;
}

/** Starts the cluster; returns at once. */
export function startCluster(options: ClusterOptions): LocalCluster {
  const cluster = new Cluster(options);
  return { ready: cluster.ready, failed: cluster.failed, stop: () => cluster.stop() };
}

class Cluster {
  readonly ready: Promise<{ address: string; metricsAddress: string }>;
  readonly failed: Promise<never>;
  readonly #options: ClusterOptions;
  readonly #children: ChildCommand[] = [];
  readonly #stop = new AbortController();
  #fail: (error: LockstepError) => void = () => {};
  #nats: LocalNats | null = null;
  #store: string | null = null;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
    this.ready = this.#start();
    this.ready.catch(() => {});
  }

  /** Starts nothing once it was told to stop: that is checked after every wait. */
  async #start(): Promise<{ address: string; metricsAddress: string }> {
    const { signal } = this.#stop;
    this.#store = await makeOwnedFolder('store');
    throwIfStopped(signal);
    const { nats, natsServer, note } = this.#options;
    if (!nats) this.#nats = await startNats({ note, signal, ...(natsServer ? { serverPath: natsServer } : {}) });
    throwIfStopped(signal);
    const coordinator = this.#spawn('coordinator', [
      ...['coordinator', '--host', '127.0.0.1', '--port', this.#options.port ?? '0'],
      ...['--nats', nats ?? this.#nats?.url ?? '', '--store', this.#store],
    ]);
    const line = await coordinator.firstLine;
    throwIfStopped(signal);
    if (line === '') throw exitError('coordinator', await coordinator.exited);
    const listening = JSON.parse(line) as { listening: string; metrics: string };
    for (let index = 0; index < this.#options.workers; index++) {
      this.#spawn(`worker-${index}`, [
        ...['worker', '--server', listening.listening, '--name', `worker-${index}`],
        ...['--device', this.#options.device],
      ]);
    }
    return { address: listening.listening, metricsAddress: listening.metrics };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#children.map((child) => child.stop()));
    await this.ready.catch(() => {});
    await this.#nats?.stop();
    if (this.#store) await rm(this.#store, { recursive: true, force: true });
  }

  #spawn(name: string, args: readonly string[]): ChildCommand {
    const child = spawnLockstep([...args, '--exit-with-parent', '--log-level', 'warn']);
    this.#children.push(child);
    child.exited.then((exit) => {
      if (this.#stop.signal.aborted) return;
      if (name === 'coordinator') this.#fail(exitError(name, exit));
      else this.#options.note(`${name} ended: ${exit.reason}`);
    });
    return child;
  }
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new LockstepError('INTERRUPTED');
}

/** The error that a process of ours printed before it ended, or its last words. */
function exitError(name: string, exit: ChildExit): LockstepError {
  const reported = exit.stderrTail.split('\n').find((line) => line.startsWith('{"error":'));
  if (reported) {
    const { error } = JSON.parse(reported) as { error: { code: string } & ErrorContext };
    if (error.code in CATALOGUE) return new LockstepError(error.code as ErrorCode, error);
  }
  return new LockstepError('INTERNAL', { message: `The ${name} ended: ${exit.reason}. ${exit.stderrTail.trim()}` });
}
