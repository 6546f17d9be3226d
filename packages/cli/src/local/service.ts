/** A service on this machine: nats-server, a coordinator with a store that stays, and workers that are kept alive. */
import type { NatsAccessPaths } from '@lockstep/protocol';
import { workersAccess } from '../nats-access.js';
import { childLine } from '../render/child-line.js';
import { type CoordinatorAddresses, exitError, throwIfStopped } from './child-words.js';
import { FirstFailure, heardLater } from './first-failure.js';
import { type KeptNats, keepNats } from './kept-nats.js';
import { type CoordinatorMember, type NatsPlace, startCoordinator } from './members.js';
import { SupervisedWorker } from './supervised-worker.js';

/** What to start. */
export interface ServiceOptions {
  readonly workers: number;
  readonly device: string;
  readonly engine: string;
  /** Address that the coordinator listens on. */
  readonly host: string;
  /** Whether other machines may come in freely. @default false */
  readonly insecure?: boolean;
  readonly port: string;
  readonly metricsPort: string;
  readonly dashboard: boolean;
  /** Folder of the store. */
  readonly store: string;
  /** URL of a running nats-server; one is started when left out. */
  readonly nats?: string | undefined;
  /** How to log in to that one. @default {} */
  readonly natsAccess?: NatsAccessPaths | undefined;
  /** nats-server program to start. */
  readonly natsServer?: string | undefined;
  readonly note: (text: string) => void;
}

/** Processes that serve until they are stopped. */
export class LocalService {
  /** Addresses once the coordinator listens. */
  readonly ready: Promise<CoordinatorAddresses>;
  /** Rejects when the service cannot go on: the coordinator has died, nats-server dies over and over, or a worker cannot work here. */
  readonly failed: Promise<never>;
  readonly #options: ServiceOptions;
  readonly #stop = new AbortController();
  readonly #workers: readonly SupervisedWorker[];
  readonly #failure = new FirstFailure();
  readonly #coordinator: CoordinatorMember;
  #nats: KeptNats | null = null;

  /** Starts everything side by side; returns at once. */
  constructor(options: ServiceOptions) {
    this.#options = options;
    this.failed = this.#failure.promise;
    this.#coordinator = this.#startCoordinator();
    this.ready = this.#coordinator.listening;
    const address = heardLater(this.ready.then((addresses) => fromHere(addresses.address)));
    this.#workers = Array.from({ length: options.workers }, (_, index) => this.#startWorker(index, address));
  }

  /** Ends the coordinator first, which keeps the last step of the job that runs, then workers and nats-server. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#coordinator.process.stop('SIGTERM');
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.ready.catch(() => {});
    await this.#nats?.stop();
  }

  #startCoordinator(): CoordinatorMember {
    const { host, port, metricsPort, dashboard, store, insecure = false } = this.#options;
    const coordinator = startCoordinator({
      ...{ host, insecure, port, metricsPort, dashboard, store, signal: this.#stop.signal },
      nats: this.#findNats(),
      natsAccess: this.#options.natsAccess,
      onErrorLine: (line) => this.#pass('coordinator', line),
    });
    coordinator.process.exited.then((exit) => {
      if (!this.#stop.signal.aborted) this.#failure.tell(exitError('coordinator', exit));
    });
    return coordinator;
  }

  async #findNats(): Promise<NatsPlace> {
    const { nats, natsAccess, natsServer, note, store } = this.#options;
    if (nats) return { url: nats, accountKey: natsAccess?.accountKey };
    const { signal } = this.#stop;
    this.#nats = await keepNats({ note, signal, serverPath: natsServer, store });
    throwIfStopped(signal);
    this.#nats.failed.catch(this.#failure.tell);
    return this.#nats;
  }

  #startWorker(index: number, address: Promise<string>): SupervisedWorker {
    const name = `worker-${index}`;
    return new SupervisedWorker({
      ...{ name, address, device: this.#options.device, engine: this.#options.engine, note: this.#options.note },
      natsAccess: workersAccess(this.#options.natsAccess),
      onErrorLine: (line) => this.#pass(name, line),
      onHopeless: this.#failure.tell,
    });
  }

  /** Passes on what a process of the service says, until it is told to end. */
  #pass(name: string, line: string): void {
    const text = this.#stop.signal.aborted ? null : childLine(name, line);
    if (text !== null) this.#options.note(text);
  }
}

/** How this machine reaches an address: one that stands for all of its own is no address to go to. */
function fromHere(address: string): string {
  return address.replace(/^(0\.0\.0\.0|\[::\])(?=:\d+$)/, (all) => (all === '0.0.0.0' ? '127.0.0.1' : '[::1]'));
}
