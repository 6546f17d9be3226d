/** A nats-server, a coordinator and workers as descendants of this command, all gone when it ends. */
import { rm } from 'node:fs/promises';
import type { NatsAccessPaths } from '@lockstep/protocol';
import { isTracingWanted, LockstepError } from '@lockstep/protocol/core';
import { workersAccess } from '../nats-access.js';
import { type CoordinatorAddresses, exitError, reportedError, throwIfStopped } from './child-words.js';
import { FirstFailure, heardLater } from './first-failure.js';
import { type KeptNats, keepNats } from './kept-nats.js';
import { type NatsPlace, startCoordinator, startWorker } from './members.js';
import { makeOwnedFolder } from './owned-folder.js';
import type { ChildCommand, ChildExit } from './processes.js';

/** What to start. */
export interface ClusterOptions {
  /** URL of a running nats-server; one is started when left out. */
  readonly nats?: string | undefined;
  /** How to log in to that one. @default {} */
  readonly natsAccess?: NatsAccessPaths | undefined;
  /** nats-server program to start. */
  readonly natsServer?: string | undefined;
  /** Port of the coordinator. @default 0, a free one */
  readonly port?: string | undefined;
  /** Whether the coordinator serves a dashboard. @default true */
  readonly dashboard?: boolean;
  readonly note: (text: string) => void;
}

/** What a cluster is to run. */
export interface LocalRun {
  readonly workers: number;
  readonly device: string;
  readonly engine: string;
  /** Folder of the run. */
  readonly folder: string;
}

/** A cluster that is starting or running. */
export interface LocalCluster {
  /** Addresses once the coordinator listens. */
  readonly ready: Promise<CoordinatorAddresses>;
  /** Says where the run goes, and starts workers, which join as soon as the coordinator listens. */
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
  readonly #workers: ChildCommand[] = [];
  readonly #stop = new AbortController();
  readonly #failure = new FirstFailure();
  #coordinator: ChildCommand | null = null;
  #nats: KeptNats | null = null;
  #store: string | null = null;
  #workersAlive = 0;
  #tellFolder: (folder: string) => void = () => {};
  readonly #folder = new Promise<string>((resolve) => {
    this.#tellFolder = resolve;
  });

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.failed = this.#failure.promise;
    this.ready = heardLater(this.#start());
  }

  /** Starts nothing once it was told to stop: that is checked after every wait. */
  async #start(): Promise<CoordinatorAddresses> {
    const { signal } = this.#stop;
    this.#store = await makeOwnedFolder('store');
    throwIfStopped(signal);
    const { process, listening } = startCoordinator({
      ...{ port: this.#options.port ?? '0', dashboard: this.#options.dashboard ?? true, store: this.#store, signal },
      nats: this.#findNats(),
      natsAccess: this.#options.natsAccess,
      runFolder: this.#folder,
    });
    this.#coordinator = process;
    process.exited.then((exit) => {
      if (!signal.aborted) this.#failure.tell(exitError('coordinator', exit));
    });
    return listening;
  }

  async #findNats(): Promise<NatsPlace> {
    const { nats, natsAccess, natsServer, note } = this.#options;
    if (nats) return { url: nats, accountKey: natsAccess?.accountKey };
    this.#nats = await keepNats({ note, signal: this.#stop.signal, serverPath: natsServer });
    this.#nats.failed.catch(this.#failure.tell);
    return this.#nats;
  }

  begin({ workers, device, engine, folder }: LocalRun): void {
    this.#tellFolder(folder);
    const address = heardLater(this.ready.then((addresses) => addresses.address));
    for (let index = 0; index < workers && !this.#stop.signal.aborted; index++) {
      const name = `worker-${index}`;
      const worker = startWorker({
        ...{ name, device, engine, address },
        natsAccess: workersAccess(this.#options.natsAccess),
      });
      this.#workers.push(worker);
      this.#workersAlive++;
      worker.exited.then((exit) => this.#afterWorker(name, exit));
    }
  }

  async stop({ isOver }: { readonly isOver: boolean }): Promise<void> {
    this.#stop.abort();
    // Lets the start end, if it still waits.
    this.#tellFolder('');
    // In order, it sends the spans that it still has.
    const isInOrder = !isOver || isTracingWanted(process.env);
    await this.#coordinator?.stop(isInOrder ? 'SIGTERM' : undefined);
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.ready.catch(() => {});
    await this.#nats?.stop();
    if (this.#store) await rm(this.#store, { recursive: true, force: true });
  }

  #afterWorker(name: string, exit: ChildExit): void {
    if (this.#stop.signal.aborted) return;
    if (--this.#workersAlive > 0) this.#options.note(`${name} ended: ${exit.reason}`);
    else this.#failure.tell(reportedError(exit) ?? lastWorkerError(name, exit));
  }
}

function lastWorkerError(name: string, exit: ChildExit): LockstepError {
  const message = `No worker is left; ${name} ended last: ${exit.reason}. ${exit.stderrTail.trim()}`.trim();
  return new LockstepError('JOB_WORKERS_LOST', { message, field: 'run.workers', fix: 'Run again.' });
}
