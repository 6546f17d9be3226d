/** Simulated links: each direction in order, as TCP, held back while it is cut, and dead once a side closes it or dies. */
import type { Process, World } from './kernel.ts';

/** How the network behaves. */
export interface NetworkOptions {
  readonly latencyMs: number;
  /** Share of messages that take ten times as long. */
  readonly slowShare: number;
}

/** Pause between keepalive pings of a link, and how long an answer may take. */
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;
/** Messages that wait on one link; more is no sane protocol. */
const MAX_WAITING = 4_000;

/** Directions between hosts that are cut, and how long messages take. */
export class Network {
  readonly #world: World;
  readonly #options: NetworkOptions;
  readonly #cuts = new Map<string, number>();
  readonly #links = new Set<Link>();

  constructor(world: World, options: NetworkOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Cuts one direction. Cuts add up. */
  cut(from: string, to: string): void {
    const name = `${from}>${to}`;
    this.#cuts.set(name, (this.#cuts.get(name) ?? 0) + 1);
    this.#world.trace(`cut ${name}`);
  }

  heal(from: string, to: string): void {
    const name = `${from}>${to}`;
    const depth = (this.#cuts.get(name) ?? 0) - 1;
    if (depth > 0) this.#cuts.set(name, depth);
    else this.#cuts.delete(name);
    if (depth === 0) this.#world.trace(`healed ${name}`);
    for (const link of [...this.#links]) link.flush();
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  /** Milliseconds that one message takes. */
  latency(): number {
    const draws = this.#world.draws('latency');
    const { latencyMs, slowShare } = this.#options;
    const typical = draws.between(0.2, 2) * latencyMs;
    return draws.chance(slowShare) ? typical * 10 : typical;
  }

  /** A new link of the process that runs now to another. */
  connect(client: Process, server: Process): Link {
    const link = new Link(this.#world, this, client, server);
    this.#links.add(link);
    link.onGone = () => this.#links.delete(link);
    return link;
  }
}

/** Which end of a link. */
export type Side = 'client' | 'server';

interface End {
  readonly process: Process;
  isOpen: boolean;
  /** Called once in this end's process when the link is over for it. */
  onClosed: (why: string) => void;
  lastAtMs: number;
  readonly waiting: { label: string; run: () => void }[];
  pongMs: number;
}

/** One connection. */
export class Link {
  readonly #world: World;
  readonly #network: Network;
  readonly #ends: Record<Side, End>;
  onGone: () => void = () => {};

  constructor(world: World, network: Network, client: Process, server: Process) {
    this.#world = world;
    this.#network = network;
    const end = (process: Process): End => {
      return { process, isOpen: true, onClosed: () => {}, lastAtMs: 0, waiting: [], pongMs: world.nowMs };
    };
    this.#ends = { client: end(client), server: end(server) };
    for (const side of ['client', 'server'] as const) {
      this.#ends[side].process.onDeath.add((isPowerCut) => this.#die(side, isPowerCut));
      this.#keepalive(side);
    }
  }

  isOpen(side: Side): boolean {
    return this.#ends[side].isOpen;
  }

  process(side: Side): Process {
    return this.#ends[side].process;
  }

  onClosed(side: Side, listener: (why: string) => void): void {
    this.#ends[side].onClosed = listener;
  }

  /** Sends from one end; `run` happens in the other's process, in order, if both are open then. */
  send(from: Side, label: string, run: () => void): void {
    if (!this.#ends[from].isOpen) return;
    const to = this.#ends[other(from)];
    if (to.waiting.length > 0 || this.#isCut(from)) {
      to.waiting.push({ label, run });
      if (to.waiting.length > MAX_WAITING)
        this.#world.violate('I13', `${MAX_WAITING} messages wait for ${to.process.name}`);
      return;
    }
    this.#deliver(to, label, run, 0);
  }

  /** Closes one end; the other hears of it as soon as the network lets it. */
  close(side: Side, why: string): void {
    const end = this.#ends[side];
    if (!end.isOpen) return;
    this.send(side, 'reset', () => this.#closed(other(side), why));
    end.isOpen = false;
    this.#gone();
  }

  /** Sends what waits once a direction is healed. */
  flush(): void {
    for (const from of ['client', 'server'] as const) {
      const to = this.#ends[other(from)];
      if (to.waiting.length === 0 || this.#isCut(from)) continue;
      const pause = this.#world.draws('latency').between(0, 400);
      for (const { label, run } of to.waiting.splice(0)) this.#deliver(to, label, run, pause);
    }
  }

  #deliver(to: End, label: string, run: () => void, pauseMs: number): void {
    const atMs = Math.max(to.lastAtMs, this.#world.nowMs + pauseMs + this.#network.latency());
    to.lastAtMs = atMs;
    const open = (): void => {
      if (to.isOpen) run();
    };
    this.#world.after(atMs - this.#world.nowMs, label, open, to.process);
  }

  #isCut(from: Side): boolean {
    return this.#network.isCut(this.#ends[from].process.host, this.#ends[other(from)].process.host);
  }

  #closed(side: Side, why: string): void {
    const end = this.#ends[side];
    if (!end.isOpen) return;
    end.isOpen = false;
    this.#gone();
    end.onClosed(why);
  }

  #gone(): void {
    if (!this.#ends.client.isOpen && !this.#ends.server.isOpen) this.onGone();
  }

  #die(side: Side, isPowerCut: boolean): void {
    const end = this.#ends[side];
    // Without power nobody says goodbye: the peer's keepalive has to notice.
    if (!isPowerCut) this.send(side, 'reset', () => this.#closed(other(side), 'connection reset by peer'));
    end.isOpen = false;
    this.#gone();
  }

  #keepalive(side: Side): void {
    const end = this.#ends[side];
    const ping = (): void => {
      if (!end.isOpen) return;
      const sentMs = this.#world.nowMs;
      const pong = (): void => {
        end.pongMs = this.#world.nowMs;
      };
      this.send(side, 'ping', () => this.send(other(side), 'pong', pong));
      const check = (): void => {
        if (!end.isOpen) return;
        if (end.pongMs >= sentMs) return;
        this.send(side, 'reset', () => this.#closed(other(side), 'keepalive timeout of the peer'));
        this.#closed(side, 'keepalive timeout');
      };
      this.#world.after(KEEPALIVE_TIMEOUT_MS, 'keepalive check', check, end.process);
      this.#world.after(KEEPALIVE_MS, 'keepalive', ping, end.process);
    };
    this.#world.after(KEEPALIVE_MS, 'keepalive', ping, end.process);
  }
}

function other(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}
