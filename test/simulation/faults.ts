/** Brings the faults of a run, each at a drawn time, and undoes them all for its last part. */
import { validCheckpoints } from './checks.ts';
import type { Cluster } from './cluster.ts';
import type { Options } from './options.ts';
import type { Disk } from './world/disk.ts';
import type { Draws } from './world/draws.ts';
import type { World } from './world/kernel.ts';
import type { Broker } from './world/nats.ts';
import type { Network } from './world/network.ts';

/** What faults happen to. */
export interface Surroundings {
  readonly world: World;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly broker: Broker;
  readonly disk: Disk;
  readonly workers: readonly string[];
  /** Workers that the job asks for. */
  readonly crewSize: number;
  readonly options: Options;
}

/** The faults of one run. */
export class Faults {
  readonly #around: Surroundings;
  readonly #draws: Draws;
  #undo: (() => void)[] = [];
  #isOver = false;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#draws = around.world.draws('faults');
  }

  /** Plans all of them. */
  plan(): void {
    const { options } = this.#around;
    this.#times(options.workerCrashes, () => this.#crashWorker());
    this.#times(options.coordinatorCrashes, () => this.#crashCoordinator());
    this.#times(options.workerPauses, () => this.#pause(this.#anyWorker(), this.#draws.between(50, 9_000)));
    this.#times(options.coordinatorPauses, () => this.#pause('coordinator', this.#draws.between(50, 6_000)));
    this.#times(options.partitions, () => this.#partition());
    this.#times(options.stragglers, () => this.#slowDown());
    this.#times(options.brokerStops, () => this.#stopBroker());
    this.#times(options.mutes, () => this.#mute());
  }

  /**
   * Ends the faults: one coordinator and a core of workers stay for good, the others may stay dead.
   * @returns whether a worker stays mute, which the product notices after long
   */
  end(): boolean {
    const { cluster, broker, disk, workers, world } = this.#around;
    this.#isOver = true;
    for (const undo of this.#undo.splice(0)) undo();
    broker.isFaulty = false;
    disk.isFaulty = false;
    cluster.start('coordinator');
    const core = this.#draws.pick(workers);
    for (const worker of workers) {
      const isMute = cluster.find(worker)?.isMute === true;
      if (worker === core) this.#restore(worker);
      // In a crew of several each of the first steps would wait for a mute one as long as the product has patience.
      else if (isMute ? this.#around.crewSize > 1 : this.#draws.chance(0.3))
        cluster.kill(worker, this.#draws.chance(0.5));
    }
    world.trace(`no more faults; ${core} stays`);
    return workers.some((worker) => cluster.find(worker)?.isMute);
  }

  /** Starts a worker, or starts it again where it is only half alive. */
  #restore(worker: string): void {
    const { cluster } = this.#around;
    if (cluster.find(worker)?.isMute) cluster.kill(worker);
    cluster.start(worker);
  }

  #times(count: number, fault: () => void): void {
    const { world, options } = this.#around;
    for (let index = 0; index < count; index++) {
      const run = (): void => {
        if (!this.#isOver) fault();
      };
      world.after(this.#draws.between(100, options.safetyMs), 'fault', run, null);
    }
  }

  /** Does something now and undoes it later, or with all the rest. */
  #forAWhile(milliseconds: number, undo: () => void): void {
    let isUndone = false;
    const once = (): void => {
      if (!isUndone) undo();
      isUndone = true;
    };
    this.#undo.push(once);
    this.#around.world.after(milliseconds, 'end of a fault', once, null);
  }

  #anyWorker(): string {
    return this.#draws.pick(this.#around.workers);
  }

  #crashWorker(): void {
    const { cluster, world } = this.#around;
    const host = this.#anyWorker();
    const isPowerCut = this.#draws.chance(0.3);
    if (cluster.find(host)) world.sometimes('worker crash');
    cluster.kill(host, isPowerCut);
    this.#forAWhile(this.#draws.between(10, 6_000), () => cluster.start(host));
  }

  #crashCoordinator(): void {
    const { broker, cluster, disk, options, world } = this.#around;
    const process = cluster.find('coordinator');
    if (!process) return;
    const isPowerCut = this.#draws.chance(options.powerCutShare);
    world.sometimes(isPowerCut ? 'power cut' : 'coordinator crash');
    cluster.kill('coordinator', isPowerCut);
    broker.loseWhilePublishing(process);
    const valid = validCheckpoints(disk);
    const newest = valid.at(-1);
    // Only what can be recovered from: another valid one must be left.
    if (newest && valid.length > 1 && this.#draws.chance(options.damageShare)) disk.damage(newest);
    this.#forAWhile(this.#draws.between(10, 4_000), () => cluster.start('coordinator'));
  }

  #pause(host: string, milliseconds: number): void {
    const { cluster, world } = this.#around;
    const process = cluster.find(host);
    if (!process || process.isPaused) return;
    world.pause(process);
    world.sometimes(host === 'coordinator' ? 'coordinator pause' : 'worker pause');
    this.#forAWhile(milliseconds, () => {
      if (!process.isAlive) return;
      if (milliseconds > 4_000 && host !== 'coordinator') world.sometimes('zombie return');
      world.resume(process);
    });
  }

  #partition(): void {
    const { network, world, workers } = this.#around;
    const host = this.#draws.pick([...workers, 'coordinator']);
    const peers =
      host === 'coordinator' ? ['nats', ...(this.#draws.chance(0.5) ? workers : [])] : ['coordinator', 'nats'];
    const kind = this.#draws.pick(['both', 'in', 'out'] as const);
    const chosen = this.#draws.chance(0.3) ? [this.#draws.pick(peers)] : peers;
    const directions = chosen.flatMap((peer) => {
      const out: [string, string] = [host, peer];
      const back: [string, string] = [peer, host];
      return kind === 'both' ? [out, back] : kind === 'out' ? [out] : [back];
    });
    world.sometimes(kind === 'both' ? 'partition' : 'asymmetric partition');
    for (const [from, to] of directions) network.cut(from, to);
    this.#forAWhile(this.#draws.between(100, 20_000), () => {
      for (const [from, to] of directions) network.heal(from, to);
    });
  }

  #slowDown(): void {
    const { cluster, world } = this.#around;
    const process = cluster.find(this.#anyWorker());
    if (!process) return;
    process.slowness = this.#draws.between(5, 40);
    world.trace(`${process.name} is ${process.slowness.toFixed(1)} times slower`);
    world.sometimes('straggler');
    this.#forAWhile(this.#draws.between(500, 10_000), () => {
      process.slowness = 1;
    });
  }

  /** What a worker answers vanishes until it is started again, and its heartbeats pass. */
  #mute(): void {
    const { cluster, world } = this.#around;
    const process = cluster.find(this.#anyWorker());
    if (!process) return;
    process.isMute = true;
    world.trace(`${process.name} is mute`);
    world.sometimes('mute worker');
  }

  #stopBroker(): void {
    const { broker } = this.#around;
    broker.stop();
    this.#forAWhile(this.#draws.between(100, 5_000), () => broker.start());
  }
}
