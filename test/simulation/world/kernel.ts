/** Simulated time: one heap of events by (time, sequence), processes that live, pause and die, and a trace. */
import { Draws, hash } from './draws.ts';

/** Lines of the trace that a failure shows. */
const TAIL_LINES = 80;
/** Events of one run; more is a livelock. */
const MAX_EVENTS = 400_000;

/** Something outside of the product that must always hold was broken. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}

/** One life of a process. Its timers and messages die with it. */
export class Process {
  readonly name: string;
  readonly host: string;
  isAlive = true;
  isPaused = false;
  /** Whether what it answers to commands vanishes. */
  isMute = false;
  /** Multiplies how long it computes. */
  slowness = 1;
  readonly held: Event[] = [];
  /** Called when it is killed, for what its operating system does then. */
  readonly onDeath = new Set<(isPowerCut: boolean) => void>();

  constructor(name: string, host: string) {
    this.name = name;
    this.host = host;
  }
}

/** Something that happens at a time. */
export interface Event {
  atMs: number;
  sequence: number;
  readonly owner: Process | null;
  readonly label: string;
  run: (() => void) | null;
}

/** A simulated world. */
export class World {
  readonly seed: number;
  readonly #heap: Event[] = [];
  readonly #streams = new Map<string, Draws>();
  readonly #tail: string[] = [];
  readonly seen = new Map<string, number>();
  nowMs = 0;
  current: Process | null = null;
  violation: Violation | null = null;
  events = 0;
  #sequence = 0;
  #traceHash = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** The stream of draws of a name. */
  draws(name: string): Draws {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = new Draws(this.seed, name);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** Lets something happen later, in the process that runs now or in another. */
  after(delayMs: number, label: string, run: () => void, owner: Process | null = this.current): Event {
    const event = { atMs: this.nowMs + Math.max(0, delayMs), sequence: this.#sequence++, owner, label, run };
    this.#push(event);
    return event;
  }

  /** Settles after simulated time. */
  sleep(delayMs: number, label = 'sleep'): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, label, resolve));
  }

  /** Notes that something that a batch of runs must have seen has happened. */
  sometimes(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  /** Notes a broken invariant; the first one ends the run. */
  violate(invariant: string, message: string): void {
    this.violation ??= new Violation(invariant, message);
    this.trace(`VIOLATION ${invariant}: ${message}`);
  }

  /** Adds a line to the trace. */
  trace(line: string): void {
    const text = `${this.nowMs.toFixed(3)} ${this.current?.name ?? '-'} ${line}`;
    this.#traceHash = hash(text, this.#traceHash);
    this.#tail.push(text);
    if (this.#tail.length > 2 * TAIL_LINES) this.#tail.splice(0, TAIL_LINES);
  }

  get traceHash(): string {
    return `${this.#traceHash.toString(16)}-${this.events}`;
  }

  get traceTail(): readonly string[] {
    return this.#tail.slice(-TAIL_LINES);
  }

  /** Runs events until a condition holds, time is up, or an invariant is broken. @param drained settles when no microtask is left */
  async runUntil(untilMs: number, isDone: () => boolean, drained: () => Promise<void>): Promise<void> {
    while (!this.violation && !isDone()) {
      const event = this.#pop(untilMs);
      if (!event) {
        this.nowMs = Math.max(this.nowMs, untilMs);
        return;
      }
      this.nowMs = Math.max(this.nowMs, event.atMs);
      const { run, owner } = event;
      if (!run || owner?.isAlive === false) continue;
      if (owner?.isPaused) {
        owner.held.push(event);
        continue;
      }
      this.#traceHash = hash(event.label, this.#traceHash ^ Math.round(this.nowMs * 1000));
      if (++this.events > MAX_EVENTS) return this.violate('I14', `more than ${MAX_EVENTS} events`);
      this.current = owner;
      try {
        run();
      } catch (thrown) {
        this.violate('crash', `${owner?.name}: ${thrown instanceof Error ? thrown.stack : thrown}`);
      }
      await drained();
      this.current = null;
    }
  }

  /** Stops a process until {@link resume}. */
  pause(process: Process): void {
    process.isPaused = true;
    this.trace(`${process.name} is paused`);
  }

  resume(process: Process): void {
    process.isPaused = false;
    this.trace(`${process.name} goes on`);
    for (const event of process.held.splice(0)) this.#push({ ...event, atMs: this.nowMs });
  }

  /** Ends a process at once. */
  kill(process: Process, isPowerCut: boolean): void {
    if (!process.isAlive) return;
    process.isAlive = false;
    process.held.length = 0;
    this.trace(`${process.name} is killed${isPowerCut ? ' by a power cut' : ''}`);
    for (const handler of [...process.onDeath]) handler(isPowerCut);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(untilMs: number): Event | null {
    const heap = this.#heap;
    const top = heap[0];
    if (!top || top.atMs > untilMs) return null;
    const last = heap.pop() as Event;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
}

let world: World | null = null;

/** The world of the run in progress. */
export function theWorld(): World {
  if (!world) throw new Error('no simulation runs');
  return world;
}

/** Sets the world of the run in progress. */
export function setWorld(next: World | null): void {
  world = next;
}
