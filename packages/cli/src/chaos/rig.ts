/** A service whose every process can be killed, stopped and started again by itself. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CoordinatorAddresses } from '../local/child-words.js';
import { type CoordinatorMember, startCoordinator, startWorker } from '../local/members.js';
import { makeOwnedFolder } from '../local/owned-folder.js';
import type { ChildCommand } from '../local/processes.js';
import { type LocalNats, startNats } from '../local/start-nats.js';

/** What to start. */
export interface RigOptions {
  readonly workers: number;
  readonly device: string;
  readonly engine: string;
  readonly natsServer?: string | undefined;
  readonly note: (text: string) => void;
}

/** A worker of the rig. */
export interface RigWorker {
  readonly name: string;
  readonly process: ChildCommand;
}

/** nats-server, coordinator and workers as children of this command. */
export class Rig {
  readonly #options: RigOptions;
  #nats: LocalNats;
  readonly #folder: string;
  readonly #workers: RigWorker[] = [];
  readonly #stop = new AbortController();
  #coordinator: CoordinatorMember | null = null;
  #listening: CoordinatorAddresses = { address: '', metricsAddress: '', dashboardUrl: null };
  #started = 0;

  private constructor(options: RigOptions, nats: LocalNats, folder: string) {
    this.#options = options;
    this.#nats = nats;
    this.#folder = folder;
  }

  /** Starts everything. @throws LockstepError of what cannot be started; nothing is left then */
  static async start(options: RigOptions): Promise<Rig> {
    const folder = await makeOwnedFolder('chaos');
    const rig = new Rig(options, await startNats({ serverPath: options.natsServer, note: options.note }), folder);
    try {
      await rig.#startCoordinator();
    } catch (thrown) {
      await rig.stop();
      throw thrown;
    }
    for (let count = 0; count < options.workers; count++) rig.addWorker();
    return rig;
  }

  /** "host:port" of the coordinator's gRPC, the same for all of its lives. */
  get address(): string {
    return this.#listening.address;
  }

  /** "host:port" of the newest coordinator's /metrics. */
  get metricsAddress(): string {
    return this.#listening.metricsAddress;
  }

  /** Workers that were not told to end. */
  get workers(): readonly RigWorker[] {
    return this.#workers;
  }

  /** Starts one more worker. */
  addWorker(): RigWorker {
    const name = `worker-${this.#started++}`;
    const address = Promise.resolve(this.address);
    const { device, engine } = this.#options;
    const worker = { name, process: startWorker({ name, device, engine, address, logLevel: 'error' }) };
    this.#workers.push(worker);
    return worker;
  }

  /** Takes a worker off the list, by a signal that ends it. */
  async endWorker(worker: RigWorker, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    worker.process.signal(signal);
    await worker.process.exited;
  }

  /** Kills the coordinator and starts another on the same store and port. */
  async restartCoordinator(): Promise<void> {
    this.#coordinator?.process.signal('SIGKILL');
    await this.#coordinator?.process.exited;
    await this.#startCoordinator();
  }

  /** Kills nats-server, its streams too, and starts another on its port. */
  async restartNats(): Promise<void> {
    await this.#nats.stop();
    this.#nats = await this.#nats.again();
  }

  /** Ends everything and removes the store. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#coordinator?.process.stop();
    await Promise.all(this.#workers.map((worker) => worker.process.stop()));
    await this.#nats.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startCoordinator(): Promise<void> {
    this.#coordinator = startCoordinator({
      port: this.address.split(':').at(-1) || '0',
      store: join(this.#folder, 'store'),
      nats: Promise.resolve(this.#nats),
      logLevel: 'error',
      signal: this.#stop.signal,
    });
    this.#listening = await this.#coordinator.listening;
  }
}
