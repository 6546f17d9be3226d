/** What a worker is at, for its heartbeats. */
import type { Activity } from '@lockstep/protocol';
import type { Clock } from './ports.js';

/** Phases of a command; see Activity in membership.proto. */
export type ActivityPhase = 'parameters' | 'rows' | 'compute' | 'send' | 'evaluate';

/** A command, as far as a heartbeat tells of it; one of an evaluation has no lanes and no step. */
interface ToldCommand {
  readonly jobId: string;
  readonly step?: number;
  readonly lanes?: number[];
}

/** The command in work: the oldest one that is not answered, since commands are worked off in their order. */
export class CurrentActivity {
  readonly #clock: Clock;
  #command: ToldCommand | null = null;
  #phase: ActivityPhase = 'parameters';
  #sinceMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A command begins. */
  begin(command: ToldCommand, phase: ActivityPhase): void {
    this.#command = command;
    this.enter(phase);
  }

  /** The command comes to another phase. Of lanes that are computed at once it is the newest that any has come to. */
  enter(phase: ActivityPhase): void {
    this.#phase = phase;
    this.#sinceMs = this.#clock.nowMs();
  }

  /** The command is answered. */
  end(): void {
    this.#command = null;
  }

  /** What a heartbeat says; null between two commands. */
  get message(): Activity | null {
    if (!this.#command) return null;
    const { jobId, step = 0, lanes = [] } = this.#command;
    const phaseMs = Math.round(this.#clock.nowMs() - this.#sinceMs);
    return { ...{ jobId, step, lanes }, phase: this.#phase, phaseMs };
  }
}
