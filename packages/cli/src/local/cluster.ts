/** A nats-server, a coordinator and workers as descendants of this command, all gone when it ends. */
import { rm } from 'node:fs/promises';
import { LockstepError } from '@lockstep/protocol/core';
import {
  type CoordinatorAddresses,
  coordinatorAddresses,
  exitError,
  reportedError,
  throwIfStopped,
} from './child-words.js';
import { type KeptNats, keepNats } from './kept-nats.js';
import { makeOwnedFolder } from './owned-folder.js';
import { type ChildCommand, type ChildExit, spawnLockstep } from './processes.js';

/** What to start. */
export interface ClusterOptions {
  /** URL of a running nats-server; one is started when left out. */
  readonly nats?: string | undefined;
  /** nats-server program to start. */
  readonly natsServer?: string | undefined;
  /** Port of the coordinator. @default 0, a free one */
  readonly port?: string | undefined;
  readonly note: (text: string) => void;
}

/** What a cluster is to run. */
export interface LocalRun {
  readonly workers: number;
  readonly device: string;
  /** Folder for checkpoints. */
  readonly checkpoints: string;
}

/** A cluster that is starting or running. */
export interface LocalCluster {
  /** Addresses once the coordinator listens. */
  readonly ready: Promise<CoordinatorAddresses>;
  /** Says where checkpoints go, and starts workers, which join as soon as the coordinator listens. */
  begin(run: LocalRun): void;
  /** Rejects when the job cannot go on: the coordinator has died, or every worker, or nats-server over and over. */
  readonly failed: Promise<never>;
  /** Ends every process and removes the store; a job that runs keeps its last step, unless it is over. */
  stop(how: { readonly isOver: boolean }): Promise<void>;
}

/** Starts nats-server and coordinator, which load side by side; returns at once. */
export function startCluster(options: ClusterOptions): LocalCluster {
  return new Cluster(options);
}

class Cluster implements LocalCluster {
  readonly ready: Promise<CoordinatorAddresses>;
  readonly failed: Promise<never>;
  readonly #options: ClusterOptions;
  readonly #children: ChildCommand[] = [];
  readonly #stop = new AbortController();
  #fail: (error: LockstepError) => void = () => {};
  #nats: KeptNats | null = null;
  #store: string | null = null;
  #workersAlive = 0;
  #tellCheckpoints: (folder: string) => void = () => {};
  readonly #checkpoints = new Promise<string>((resolve) => {
    this.#tellCheckpoints = resolve;
  });

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
  async #start(): Promise<CoordinatorAddresses> {
    const { signal } = this.#stop;
    this.#store = await makeOwnedFolder('store');
    throwIfStopped(signal);
    const coordinator = this.#spawn('coordinator', [
      ...['coordinator', '--host', '127.0.0.1', '--port', this.#options.port ?? '0'],
      ...['--nats', '-', '--checkpoints', '-', '--store', this.#store, '--discard-store'],
    ]);
    const { nats, natsServer, note } = this.#options;
    if (!nats) this.#nats = await keepNats({ note, signal, serverPath: natsServer });
    this.#nats?.failed.catch(this.#fail);
    coordinator.tell(nats ?? this.#nats?.url ?? '');
    coordinator.tell(await this.#checkpoints);
    throwIfStopped(signal);
    return coordinatorAddresses(coordinator, signal);
  }

  begin({ workers, device, checkpoints }: LocalRun): void {
    this.#tellCheckpoints(checkpoints);
    for (let index = 0; index < workers && !this.#stop.signal.aborted; index++) {
      const name = `worker-${index}`;
      const worker = this.#spawn(name, ['worker', '--server', '-', '--name', name, '--device', device]);
      this.#workersAlive++;
      this.ready.then(({ address }) => worker.tell(address)).catch(() => {});
    }
  }

  async stop({ isOver }: { readonly isOver: boolean }): Promise<void> {
    this.#stop.abort();
    // Lets the start end, if it still waits.
    this.#tellCheckpoints('');
    const [coordinator, ...workers] = this.#children;
    await coordinator?.stop(isOver ? undefined : 'SIGTERM');
    await Promise.all(workers.map((worker) => worker.stop()));
    await this.ready.catch(() => {});
    await this.#nats?.stop();
    if (this.#store) await rm(this.#store, { recursive: true, force: true });
  }

  #spawn(name: string, args: readonly string[]): ChildCommand {
    const child = spawnLockstep([...args, '--exit-with-parent', '--log-level', 'warn'], { ownSession: true });
    this.#children.push(child);
    child.exited.then((exit) => {
      if (this.#stop.signal.aborted) return;
      if (name === 'coordinator') this.#fail(exitError(name, exit));
      else if (--this.#workersAlive === 0) this.#fail(reportedError(exit) ?? lastWorkerError(name, exit));
      else this.#options.note(`${name} ended: ${exit.reason}`);
    });
    return child;
  }
}

function lastWorkerError(name: string, exit: ChildExit): LockstepError {
  const message = `No worker is left; ${name} ended last: ${exit.reason}. ${exit.stderrTail.trim()}`.trim();
  return new LockstepError('JOB_WORKERS_LOST', { message, field: 'run.workers', fix: 'Run again.' });
}
