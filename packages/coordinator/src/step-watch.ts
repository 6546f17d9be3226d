/** Watches the steps of one job: what each of its processes is at, and who holds up a step that takes too long. */
import type { JobActivity, StepStalled, TrainRequest__Output, WorkerActivity } from '@lockstep/protocol';
import type { LaneState, WorkerKey } from './core/lane-state.js';
import { stallAfterMs } from './core/patience.js';
import { awakeMs, type Pause } from './core/pauses.js';
import { lateWorkers, type Stall, stallText } from './core/step-stall.js';
import { COORDINATOR_PHASES, type CoordinatorPhase, type StepTimes } from './core/step-times.js';
import type { Crew } from './crew.js';
import { HEARTBEAT_LOST_MS, MAX_PAUSES, MAX_STALLS_TOLD, PATIENCE, PAUSE_LOOKS, STALL_LOOK_MS } from './limits.js';
import type { Clock, WorkerSession } from './ports.js';
import { phaseOf } from './worker-activity.js';

/** What is watched, and who is told. */
export interface StepWatchOptions {
  readonly jobId: string;
  readonly clock: Clock;
  readonly times: StepTimes;
  readonly crew: Pick<Crew, 'ready' | 'find'>;
  /** Once a step for each worker that holds it up. @param isFirst of this step */
  readonly onStall: (stall: StepStalled, isFirst: boolean) => void;
}

/** A step that runs. */
interface OpenStep {
  readonly step: number;
  /** The phase of the coordinator that is next to end, and when it began. */
  phase: CoordinatorPhase;
  sinceMs: number;
  /** Null until lanes were given out. */
  lanes: LaneState | null;
  /** Workers that it was told of, '' for the coordinator. */
  readonly told: Set<string>;
}

/** The watch over one job. */
export class StepWatch {
  readonly #options: StepWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #open: OpenStep | null = null;
  /** Attempts below are known. */
  #nextAttempt = 0;
  #lookedMs: number;
  /** Of this process itself: nobody's wait, and nobody's silence. */
  #pauses: readonly Pause[] = [];

  constructor(options: StepWatchOptions) {
    this.#options = options;
    this.#lookedMs = options.clock.nowMs();
    this.#timer = setInterval(() => this.#look(), STALL_LOOK_MS);
    this.#timer.unref();
  }

  /** A step begins. */
  began(step: number): void {
    const { times, clock } = this.#options;
    times.began();
    this.#nextAttempt = 0;
    this.#open = { step, phase: 'compute', sinceMs: clock.nowMs(), lanes: null, told: new Set() };
  }

  /** The step is over, however it went. */
  ended(): void {
    this.#open = null;
  }

  /** Lanes were given out, or have come. */
  lanes(state: LaneState): void {
    if (this.#open) this.#open.lanes = state;
    const { assignments, nextAttempt, step } = state;
    if (nextAttempt === this.#nextAttempt) return;
    for (let at = assignments.length - 1; at >= 0; at--) {
      const assignment = assignments[at];
      if (!assignment || assignment.attempt < this.#nextAttempt) break;
      this.#options.times.commanded(assignment, step);
    }
    this.#nextAttempt = nextAttempt;
  }

  /** A worker has said something, at whatever time. */
  heard(worker: WorkerKey, { gradient }: TrainRequest__Output): void {
    if (!gradient?.sums) return;
    const { step, attempt, firstLane, endLane, sums } = gradient;
    const { times, clock } = this.#options;
    times.arrived(worker, { step, attempt, firstLane, endLane, sums }, clock.nowMs());
  }

  /** A phase of the coordinator has ended. */
  phase(phase: CoordinatorPhase, seconds: number): void {
    const { times, clock } = this.#options;
    times.phase(phase, seconds);
    if (!this.#open || phase === 'command') return;
    this.#open.phase = COORDINATOR_PHASES[COORDINATOR_PHASES.indexOf(phase) + 1] ?? 'compute';
    this.#open.sinceMs = clock.nowMs();
  }

  /** Watches no more. */
  close(): void {
    clearInterval(this.#timer);
    this.#open = null;
  }

  /** What the processes are at now. */
  get message(): JobActivity {
    const { times, crew } = this.#options;
    const nowMs = this.#lookAtClock();
    const { steps, phaseSeconds } = times.coordinatorMean();
    const [stall] = this.#stalls(nowMs);
    return {
      ...{ steps, phaseSeconds },
      workers: crew.ready.map((session): WorkerActivity => {
        const { phase, ageMs } = this.#phaseOf(session, nowMs);
        const { lanes, ...mean } = times.workerMean(session.key);
        return { workerId: session.key.workerId, lanes: [...lanes], ...mean, phase, phaseAgeSeconds: ageMs / 1000 };
      }),
      stall: stall ? this.#told(stall) : null,
    };
  }

  #look(): void {
    const nowMs = this.#lookAtClock();
    // What workers have said during a pause waits unread.
    const isUnread = nowMs - (this.#pauses.at(-1)?.untilMs ?? Number.NEGATIVE_INFINITY) <= STALL_LOOK_MS;
    const told = this.#open?.told;
    if (isUnread || !told) return;
    for (const stall of this.#stalls(nowMs)) {
      const who = stall.worker ?? '';
      if (told.has(who) || told.size >= MAX_STALLS_TOLD) continue;
      this.#options.onStall(this.#told(stall), told.size === 0);
      told.add(who);
    }
  }

  /** Now; where no look came for long, this process itself stood still. */
  #lookAtClock(): number {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#lookedMs > PAUSE_LOOKS * STALL_LOOK_MS) {
      this.#pauses = [...this.#pauses, { fromMs: this.#lookedMs, untilMs: nowMs }].slice(-MAX_PAUSES);
    }
    this.#lookedMs = nowMs;
    return nowMs;
  }

  #phaseOf({ spokeMs, told }: WorkerSession, nowMs: number): ReturnType<typeof phaseOf> {
    const silentMs = awakeMs(spokeMs, nowMs, this.#pauses);
    return phaseOf({ spokeMs: nowMs - silentMs, told }, this.#options.jobId, nowMs);
  }

  /** Who holds up the step that runs, the worst first. */
  #stalls(nowMs: number): readonly Stall[] {
    if (!this.#open) return [];
    const { step, phase, sinceMs, lanes } = this.#open;
    const waitedFor = (fromMs: number): number => awakeMs(fromMs, nowMs, this.#pauses);
    if (phase !== 'compute') {
      const waitedMs = waitedFor(sinceMs);
      if (waitedMs < PATIENCE.leastStallMs) return [];
      const { steps, phaseSeconds } = this.#options.times.coordinatorMean();
      const deadlineMs = stallAfterMs(steps === 0 ? null : (phaseSeconds[phase] ?? 0) * 1000, PATIENCE);
      return waitedMs < deadlineMs ? [] : [{ step, worker: null, lanes: [], phase, waitedMs, deadlineMs }];
    }
    if (!lanes) return [];
    return lateWorkers(lanes, waitedFor).map(({ worker, ...late }) => {
      const session = this.#options.crew.find(worker);
      const told = session ? this.#phaseOf(session, nowMs).phase : 'silent';
      return { ...{ step, worker: worker.workerId }, ...late, phase: told || 'unknown' };
    });
  }

  #told(stall: Stall): StepStalled {
    const { worker, lanes, phase, waitedMs, deadlineMs } = stall;
    const hangMs = this.#open?.lanes?.patience.hangMs ?? 0;
    return {
      ...{ workerId: worker ?? '', lanes: [...lanes], phase },
      ...{ waitedSeconds: waitedMs / 1000, deadlineSeconds: deadlineMs / 1000 },
      reason: stallText(stall, { hangMs, silentMs: HEARTBEAT_LOST_MS }),
    };
  }
}
