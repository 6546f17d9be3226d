/** Timers, clocks and randomness of the language, replaced during a run: nothing can see real time or chance. */
import { type Event, theWorld } from './kernel.ts';

const real = {
  setImmediate: globalThis.setImmediate,
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  clearTimeout: globalThis.clearTimeout,
  clearInterval: globalThis.clearInterval,
  Date: globalThis.Date,
  random: Math.random,
  now: performance.now,
};

/** Unix milliseconds at which every run begins. */
const START_UNIX_MS = 1_800_000_000_000;

/** A handle as timers of Node give it. */
class Timer {
  event: Event | null = null;
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function later(then: (...values: unknown[]) => void, delayMs = 0, ...values: unknown[]): Timer {
  const timer = new Timer();
  timer.event = theWorld().after(Math.max(1, delayMs), 'timer', () => then(...values));
  return timer;
}

function every(then: (...values: unknown[]) => void, delayMs = 0, ...values: unknown[]): Timer {
  const timer = new Timer();
  const world = theWorld();
  const arm = (): void => {
    timer.event = world.after(Math.max(1, delayMs), 'interval', () => {
      arm();
      then(...values);
    });
  };
  arm();
  return timer;
}

function clear(timer: Timer | null | undefined): void {
  if (timer?.event) timer.event.run = null;
}

function forbidden(what: string): () => never {
  return () => {
    throw new Error(`${what} is not simulated`);
  };
}

/** What `Math.random` is called in a core, where every decision follows from what it is given. */
function chanceInCore(): number {
  theWorld().violate('I18', 'chance decides in a core');
  return theWorld().draws('chance in a core').unit();
}

class SimulatedDate extends real.Date {
  constructor(...values: [] | [number | string]) {
    if (values.length === 0) throw new Error('new Date() is not simulated');
    super(values[0]);
  }

  static override now(): number {
    return START_UNIX_MS + Math.floor(theWorld().nowMs);
  }
}

/** Settles once no microtask is left. */
export function drained(): Promise<void> {
  return new Promise((resolve) => void real.setImmediate(resolve));
}

/** Replaces the globals. @returns what puts them back */
export function installGlobals(): () => void {
  Object.assign(globalThis, {
    setTimeout: later,
    setInterval: every,
    clearTimeout: clear,
    clearInterval: clear,
    setImmediate: forbidden('setImmediate'),
    chanceInCore,
    Date: SimulatedDate,
  });
  Math.random = () => theWorld().draws(`random of ${theWorld().current?.host}`).unit();
  performance.now = () => theWorld().nowMs;
  return () => {
    const { random, now, ...rest } = real;
    Object.assign(globalThis, rest);
    Math.random = random;
    performance.now = now;
  };
}
