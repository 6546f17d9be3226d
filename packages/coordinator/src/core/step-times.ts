/** Where the time of a job's steps goes, in the coordinator and in each worker. No clocks are compared. Pure. */
import type { Assignment, WorkerKey } from './lane-state.js';
import { type PhaseSeconds, PhaseTimes } from './phase-times.js';

/** Phases of the coordinator, one behind another: they add up to the time of a step. */
export const COORDINATOR_PHASES = ['command', 'compute', 'reduce', 'update', 'broadcast'] as const;
export type CoordinatorPhase = (typeof COORDINATOR_PHASES)[number];

/**
 * Phases of a worker: the wait for parameters and the lanes' engine runs, as it has measured them, and the rest of the
 * time from its command until the last of its lanes was there.
 */
const WORKER_PHASES = ['parameters', 'compute', 'send'] as const;

/** Workers of a job whose times are kept; of more, the one with the fewest steps is forgotten. */
export const MAX_TIMED_WORKERS = 256;

/** Lanes of a worker that are all there up to `endLane - 1`, with what it has measured. */
export interface ArrivedLanes {
  readonly step: number;
  readonly attempt: number;
  readonly firstLane: number;
  readonly endLane: number;
  readonly sums: { readonly computeSeconds: number; readonly waitParametersSeconds: number };
}

/** A process with its times. */
export interface TimedProcess extends PhaseSeconds {
  /** "coordinator" or a worker's id. */
  readonly process: string;
}

interface WorkerSteps {
  readonly times: PhaseTimes;
  /** Its newest command. */
  command: Assignment;
  step: number;
  /** Lanes of the command that have not come. */
  missing: number;
  waitSeconds: number;
  computeSeconds: number;
}

/** Times of one job's steps. */
export class StepTimes {
  readonly #coordinator = new PhaseTimes(COORDINATOR_PHASES);
  /** Of the step that runs, by phase. */
  readonly #open = new Float64Array(COORDINATOR_PHASES.length);
  readonly #workers = new Map<string, WorkerSteps>();

  /** A step begins; one that came to no end is not counted. */
  began(): void {
    this.#open.fill(0);
  }

  /** A phase of the coordinator has ended; the last one ends the step. */
  phase(phase: CoordinatorPhase, seconds: number): void {
    (this.#open[COORDINATOR_PHASES.indexOf(phase)] as number) += seconds;
    if (phase !== 'broadcast') return;
    // Commands are given at the start of the wait for lanes, and measured within it.
    this.#open[1] = Math.max(0, (this.#open[1] as number) - (this.#open[0] as number));
    this.#coordinator.add(this.#open);
    this.began();
  }

  /** A worker was told to compute lanes. */
  commanded(command: Assignment, step: number): void {
    const { workerId } = command.worker;
    const known = this.#workers.get(workerId);
    if (!known) this.#makeRoom();
    const open = { command, step, missing: command.lanes.length, waitSeconds: 0, computeSeconds: 0 };
    if (known) Object.assign(known, open);
    else this.#workers.set(workerId, { times: new PhaseTimes(WORKER_PHASES), ...open });
  }

  /** Lanes of a worker have come; those of an earlier command count no more. */
  arrived({ workerId }: WorkerKey, lanes: ArrivedLanes, nowMs: number): void {
    const worker = this.#workers.get(workerId);
    if (worker?.step !== lanes.step || worker.command.attempt !== lanes.attempt || worker.missing <= 0) return;
    const { command, times } = worker;
    for (const lane of command.lanes) if (lane >= lanes.firstLane && lane < lanes.endLane) worker.missing--;
    worker.waitSeconds += lanes.sums.waitParametersSeconds;
    worker.computeSeconds += lanes.sums.computeSeconds;
    if (worker.missing > 0) return;
    const elapsed = (nowMs - command.sinceMs) / 1000;
    const wait = within(worker.waitSeconds, elapsed);
    // Lanes that are computed at once share the time.
    const atOnce = Math.min(command.worker.replicas ?? 1, command.lanes.length);
    const compute = within(worker.computeSeconds / atOnce, elapsed - wait);
    times.add([wait, compute, elapsed - wait - compute]);
  }

  /** Means of the coordinator over the newest steps. */
  coordinatorMean(): PhaseSeconds {
    return this.#coordinator.mean();
  }

  /** Means of a worker over its newest steps, and the lanes of its newest command. */
  workerMean({ workerId }: WorkerKey): PhaseSeconds & { readonly lanes: readonly number[] } {
    const worker = this.#workers.get(workerId);
    return { ...(worker?.times.mean() ?? { steps: 0, phaseSeconds: {} }), lanes: worker?.command.lanes ?? [] };
  }

  /** Seconds of all steps: the coordinator first, then each worker whose lanes have come, by id. */
  totals(): readonly TimedProcess[] {
    const workers = [...this.#workers]
      .filter(([, { times }]) => times.steps > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1));
    return [
      { process: 'coordinator', ...this.#coordinator.total() },
      ...workers.map(([process, { times }]) => ({ process, ...times.total() })),
    ];
  }

  #makeRoom(): void {
    if (this.#workers.size < MAX_TIMED_WORKERS) return;
    const [first = '', ...others] = this.#workers.keys();
    const stepsOf = (id: string): number => this.#workers.get(id)?.times.steps ?? 0;
    this.#workers.delete(others.reduce((least, id) => (stepsOf(id) < stepsOf(least) ? id : least), first));
  }
}

/** A time that a worker tells, within what passed here; 0 where it is none. */
function within(seconds: number, most: number): number {
  return seconds > 0 ? Math.min(seconds, most) : 0;
}
