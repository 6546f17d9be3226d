/** The real coordinator, the real workers and a client, each life of them a simulated process. */
import type { PreparedData } from '@lockstep/data';
import type { Engine } from '@lockstep/engine';
import { LockstepError } from '@lockstep/protocol/core';
import type { Logger } from 'pino';
import { Coordinator } from '../../packages/coordinator/src/coordinator.ts';
import { ShardCache } from '../../packages/worker/src/adapters/shard-cache.ts';
import { WorkerMetrics } from '../../packages/worker/src/metrics.ts';
import { Worker } from '../../packages/worker/src/worker.ts';
import type { Checks } from './checks.ts';
import type { Options } from './options.ts';
import { NUMERIC_CLASS, prepared, STRANGE_CLASS, simulatedEngine, type Workload } from './workload.ts';
import type { Disk } from './world/disk.ts';
import { Process, type World } from './world/kernel.ts';
import type { SimulatedMemory } from './world/shared-memory.ts';

const PORT = 7070;
export const ADDRESS = `coordinator:${PORT}`;
/** Host of a worker that computes other bits. */
export const STRANGER = 'stranger';
/** What a supervisor waits before it starts a process again that ended by itself. */
const RESTART_MS = 500;

/** Everything that runs. */
export class Cluster {
  readonly #world: World;
  readonly #disk: Disk;
  readonly #checks: Checks;
  readonly #workload: Workload;
  readonly #computeMs: number;
  readonly #hiccupShare: number;
  readonly #poison: Pick<Options, 'poison' | 'isPoisonDeadly'>;
  readonly #memory: SimulatedMemory;
  readonly #lives = new Map<string, number>();
  readonly #running = new Map<string, Process>();
  /** Hosts that a supervisor keeps running. */
  readonly wanted = new Set<string>();

  constructor(
    world: World,
    parts: {
      readonly disk: Disk;
      readonly checks: Checks;
      readonly memory: SimulatedMemory;
      readonly workload: Workload;
      readonly computeMs: number;
      readonly hiccupShare: number;
      readonly poison: Pick<Options, 'poison' | 'isPoisonDeadly'>;
    },
  ) {
    this.#world = world;
    this.#disk = parts.disk;
    this.#checks = parts.checks;
    this.#memory = parts.memory;
    this.#workload = parts.workload;
    this.#computeMs = parts.computeMs;
    this.#hiccupShare = parts.hiccupShare;
    this.#poison = parts.poison;
  }

  /** The process on a host, if it lives. */
  find(host: string): Process | null {
    const found = this.#running.get(host);
    return found?.isAlive ? found : null;
  }

  /** Starts what belongs on a host, where nothing runs there. */
  start(host: string): void {
    this.wanted.add(host);
    if (this.find(host)) return;
    const life = (this.#lives.get(host) ?? 0) + 1;
    this.#lives.set(host, life);
    const process = new Process(`${host}#${life}`, host);
    this.#running.set(host, process);
    this.#world.trace(`${process.name} starts`);
    if (host === 'coordinator') this.#checks.coordinatorStarts(this.#disk);
    const run = host === 'coordinator' ? () => this.#coordinate() : () => this.#work(host, process);
    this.#world.after(
      this.#world.draws('start').between(1, 50),
      'start',
      () => {
        run().then(
          (why) => why && this.#ended(process, why),
          (thrown: unknown) => this.#ended(process, LockstepError.from(thrown).message),
        );
      },
      process,
    );
  }

  /** Kills what runs on a host, and does not start it again. */
  kill(host: string, isPowerCut = false): void {
    this.wanted.delete(host);
    const process = this.find(host);
    if (process) this.#world.kill(process, isPowerCut);
    if (isPowerCut && host === 'coordinator') this.#disk.powerCut();
  }

  #ended(process: Process, why: string): void {
    this.#world.trace(`${process.name} ended: ${why}`);
    this.#world.kill(process, false);
    const again = (): void => {
      if (this.wanted.has(process.host)) this.start(process.host);
    };
    this.#world.after(RESTART_MS, 'supervisor', again, null);
  }

  async #coordinate(): Promise<string> {
    const config = {
      ...{ host: 'coordinator', port: PORT, metricsPort: 0, natsServers: ['nats:4222'] },
      security: { insecure: true },
      ...{ storeDirectory: '/store', logLevel: 'silent', isTransient: true },
    };
    const coordinator = await Coordinator.open(config, this.#logger(), {
      memory: async () => this.#memory,
      prepare: () => ({ run: (request) => this.#prepare(request.outDirectory), dispose: () => {} }),
    });
    await coordinator.start();
    return '';
  }

  async #prepare(folder: string): Promise<PreparedData> {
    await this.#world.sleep(this.#world.draws('start').between(10, 100), 'prepare');
    return prepared(this.#workload, folder, (path, bytes) => this.#disk.put(path, Buffer.from(bytes)));
  }

  async #work(host: string, process: Process): Promise<string> {
    const isStrange = host === STRANGER;
    const worker = new Worker({
      server: ADDRESS,
      access: {},
      join: {
        workerName: host,
        processNonce: process.name,
        softwareVersion: 'simulated',
        engine: {
          name: 'onnxruntime',
          version: '1',
          provider: 'cpu',
          numericClass: isStrange ? STRANGE_CLASS : NUMERIC_CLASS,
          reproducible: true,
        },
      },
      engine: this.#engine(process, isStrange),
      cache: new ShardCache(1 << 20),
      memory: async () => this.#memory,
      clock: { nowMs: () => this.#world.nowMs },
      metrics: new WorkerMetrics(host, '0'),
      logger: this.#logger(),
    });
    return `exit code ${await worker.run()}`;
  }

  #engine(process: Process, isStrange: boolean): Engine {
    const draws = this.#world.draws('engine');
    const { poison, isPoisonDeadly } = this.#poison;
    return simulatedEngine({
      isStrange,
      runMs: () => {
        const hiccup = draws.chance(this.#hiccupShare) ? draws.between(2, 12) : 1;
        return this.#computeMs * draws.between(0.7, 1.4) * process.slowness * hiccup;
      },
      poison: poison === null ? null : (this.#workload.train.target[poison] as number),
      meetPoison: () => {
        if (!isPoisonDeadly) throw new LockstepError('ENGINE_RUN_FAILED', { message: 'a row cannot be computed' });
        this.#checks.poisonEnds(process);
        this.#ended(process, 'a row ended it');
        return new Promise(() => {});
      },
    });
  }

  #logger(): Logger {
    const write = (fields: object, text?: string): void => {
      const { why, code } = fields as { why?: string; code?: string };
      this.#world.trace(`log: ${[text ?? fields, code, why].filter(Boolean).join(' ')}`);
    };
    const logger = { info: write, warn: write, error: write, debug: () => {}, child: () => logger };
    return logger as unknown as Logger;
  }
}
