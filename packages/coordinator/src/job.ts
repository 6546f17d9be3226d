/** One job: its record, its events, and who follows them. */
import type { JobActivity, JobEvent, Job as JobMessage, JobProgress, JobState } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { ResolvedJobSpec } from '@lockstep/spec';
import { isTerminal, type JobMachineEvent, type JobPhase, nextPhase } from './core/job-machine.js';
import type { StepTimes } from './core/step-times.js';
import { thinEvents } from './core/thin-events.js';
import { type JobRecord, phaseOf } from './job-record.js';
import { MAX_EVENTS, STEP_END_MS } from './limits.js';
import type { Clock } from './ports.js';

/** What a job was submitted as. */
export interface JobSubmission {
  readonly id: string;
  readonly spec: ResolvedJobSpec;
  readonly resolvedYaml: string;
  /** Request id of the client, '' without one, and what was submitted under it. */
  readonly requestId: string;
  readonly fingerprint: string;
  /** Whose job it is. */
  readonly namespace: string;
  /** Name of the data at the client. */
  readonly dataName: string;
  /** Its uploaded files, in the order of their rows. */
  readonly dataFiles: readonly UploadedData[];
  readonly createdUnixSeconds: number;
  /** Its place among all jobs: {@link createdUnixSeconds}, but after all before it also where the clock was set back. */
  readonly order: number;
}

/** An uploaded file of a job's data. */
export interface UploadedData {
  /** Its name at the client. */
  readonly name: string;
  readonly sha256: string;
}

/** What takes time beside a job's steps. */
export type WorkName = 'evaluation' | 'checkpoint' | 'export' | 'test';

/** A piece of it that is over. */
export interface TimedWork {
  readonly name: WorkName;
  readonly startUnixSeconds: number;
  readonly endUnixSeconds: number;
  /** Why it failed; null where it did not. */
  readonly error: LockstepError | null;
  /** What it was about, for example the step of a checkpoint. */
  readonly attributes: Readonly<Record<string, number>>;
}

/** Sequences of one leadership; the next one's go on above them, so that no watcher misses an event. */
const SEQUENCES_PER_LEADERSHIP = 2 ** 32;

type EventKind = Omit<JobEvent, 'sequence' | 'unixSeconds' | 'leadershipEpoch' | 'step' | 'kind'>;

/** A job in memory. */
export class Job {
  readonly submission: JobSubmission;
  /** Ends the attempt that runs. */
  cancellation = new AbortController();
  result: JobRecord['result'] = null;
  progress: JobProgress | null = null;
  /** As its events tell them; progress is reported less often. */
  finishedSteps = 0;
  /** Tells what its processes are at; null while it does not train. */
  watch: { readonly message: JobActivity } | null = null;
  /** Where the time of its steps went under this coordinator; null before the first. */
  times: StepTimes | null = null;
  readonly #clock: Clock;
  #stopped: LockstepError | null = null;
  #interruption: LockstepError | null = null;
  #isInStep = false;
  #updatedUnixSeconds: number;
  readonly #leadershipEpoch: number;
  #phase: JobPhase = { state: 'pending', reason: 'waits for its turn' };
  #events: JobEvent[] = [];
  #sequence: number;
  readonly #listeners = new Set<() => void>();
  readonly #workListeners = new Set<(work: TimedWork) => void>();
  /** Reads the events of before; null once they are here. */
  #earlier: (() => Promise<readonly JobEvent[]>) | null;
  /** Reads all events of a job that has ended; null where they are kept nowhere else. */
  #archive: (() => Promise<readonly JobEvent[]>) | null = null;

  /**
   * @param known what the store holds of it, where an earlier coordinator took it
   * @param earlier reads the events of before
   */
  constructor(
    submission: JobSubmission,
    clock: Clock,
    leadershipEpoch: number,
    known: JobRecord | null = null,
    earlier: () => Promise<readonly JobEvent[]> = async () => [],
  ) {
    this.submission = submission;
    this.#earlier = known ? earlier : null;
    this.#clock = clock;
    this.#leadershipEpoch = leadershipEpoch;
    this.#sequence = (leadershipEpoch - 1) * SEQUENCES_PER_LEADERSHIP;
    if (known) {
      this.#phase = phaseOf(known);
      this.result = known.result;
    }
    this.emit({ stateChanged: { state: stateOf(this.#phase), reason: this.#phase.reason } });
    this.#updatedUnixSeconds = known?.updatedUnixSeconds ?? this.createdUnixSeconds;
  }

  get id(): string {
    return this.submission.id;
  }

  get createdUnixSeconds(): number {
    return this.submission.createdUnixSeconds;
  }

  get order(): number {
    return this.submission.order;
  }

  /** When its newest event was, its end where it has ended. */
  get updatedUnixSeconds(): number {
    return this.#updatedUnixSeconds;
  }

  get phase(): JobPhase {
    return this.#phase;
  }

  /** What its processes are at; null where it does not train. */
  get activity(): JobActivity | null {
    return this.hasEnded ? null : (this.watch?.message ?? null);
  }

  get hasEnded(): boolean {
    return isTerminal(this.#phase);
  }

  /** What it was told to end with, so that no other attempt follows; null without that. */
  get stopped(): LockstepError | null {
    return this.#stopped;
  }

  /** Ends the attempt that runs, and the job with it. */
  stop(why: LockstepError): void {
    this.#stopped ??= why;
    this.cancellation.abort(why);
  }

  /** Ends the attempt that runs, which keeps its last step: the job goes on later. */
  interrupt(why: LockstepError): void {
    this.#interruption ??= why;
    const { cancellation } = this;
    if (this.#isInStep) setTimeout(() => cancellation.abort(why), STEP_END_MS).unref();
    else cancellation.abort(why);
  }

  /**
   * Has an interruption wait for the end of a step, at most {@link STEP_END_MS}: whoever runs the step looks at
   * {@link interruption} then. @returns what ends it
   */
  inStep(): () => void {
    this.#isInStep = true;
    return () => {
      this.#isInStep = false;
    };
  }

  /** What the attempt that runs was told to let go for; null without that. */
  get interruption(): LockstepError | null {
    return this.#interruption;
  }

  /** Makes the job ready to run again after an attempt was ended. */
  beginAttempt(): void {
    this.#interruption = null;
    if (!this.#stopped) this.cancellation = new AbortController();
  }

  /** Takes an event of the state machine; tells followers when something changed. */
  advance(event: JobMachineEvent): void {
    const phase = nextPhase(this.#phase, event);
    const isChanged = phase.state !== this.#phase.state || phase.reason !== this.#phase.reason;
    this.#phase = phase;
    if (isChanged) this.emit({ stateChanged: { state: stateOf(phase), reason: phase.reason } });
  }

  /** Adds an event to the job's history. */
  emit(kind: EventKind): void {
    this.#updatedUnixSeconds = this.#clock.unixSeconds();
    this.#events.push({
      sequence: ++this.#sequence,
      unixSeconds: this.#updatedUnixSeconds,
      leadershipEpoch: this.#leadershipEpoch,
      step: this.finishedSteps,
      ...kind,
    });
    if (this.#events.length > MAX_EVENTS) this.#events = thinEvents(this.#events, MAX_EVENTS);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Lets go of the events of a job that has ended, which are kept elsewhere, whenever nobody follows it. */
  archive(read: () => Promise<readonly JobEvent[]>): void {
    this.#archive = read;
    this.#letGo();
  }

  #letGo(): void {
    if (this.#archive === null || this.#listeners.size > 0) return;
    this.#earlier = this.#archive;
    this.#events = this.#events.slice(-1);
  }

  /** Makes {@link eventsAfter} tell of what was let go and of earlier coordinators too; follow it before. */
  async remember(): Promise<void> {
    const earlier = await this.#earlier?.();
    if (!earlier || !this.#earlier) return;
    this.#earlier = null;
    const first = Number(this.#events[0]?.sequence ?? 0);
    const before = earlier.filter(({ sequence }) => Number(sequence) < first);
    // How a job ended was told then.
    const isTold = this.hasEnded && before.at(-1)?.stateChanged?.state === stateOf(this.#phase);
    this.#events = isTold ? before : [...before, ...this.#events];
    if (this.#events.length > MAX_EVENTS) this.#events = thinEvents(this.#events, MAX_EVENTS);
  }

  /** Events after a sequence, in order. */
  eventsAfter(sequence: number): readonly JobEvent[] {
    return this.#events.slice(indexAfter(sequence, this.#events));
  }

  /** Calls the listener after each event. @returns what ends it */
  follow(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener)) this.#letGo();
    };
  }

  /** Does a piece of work, and tells whoever follows {@link followWork} how long it took. */
  async timed<Result>(
    name: WorkName,
    attributes: TimedWork['attributes'],
    work: () => Promise<Result>,
  ): Promise<Result> {
    const startUnixSeconds = this.#clock.unixSeconds();
    const tell = (error: LockstepError | null): void => {
      const endUnixSeconds = this.#clock.unixSeconds();
      for (const listener of this.#workListeners)
        listener({ name, startUnixSeconds, endUnixSeconds, error, attributes });
    };
    try {
      const result = await work();
      tell(null);
      return result;
    } catch (thrown) {
      tell(LockstepError.from(thrown));
      throw thrown;
    }
  }

  /** Calls the listener after each piece of {@link timed} work. @returns what ends it */
  followWork(listener: (work: TimedWork) => void): () => void {
    this.#workListeners.add(listener);
    return () => void this.#workListeners.delete(listener);
  }

  /** Calls the listener when the job has come into another state, but for its end. @returns what ends it */
  followState(listener: () => void): () => void {
    let { state } = this.#phase;
    return this.follow(() => {
      if (this.#phase.state === state) return;
      state = this.#phase.state;
      if (!this.hasEnded) listener();
    });
  }

  /** The job as the store keeps it, once an event has happened. */
  toRecord(event: JobMachineEvent | null = null): JobRecord {
    const { id, resolvedYaml, requestId, fingerprint, namespace, dataName, dataFiles } = this.submission;
    const phase = event ? nextPhase(this.#phase, event) : this.#phase;
    return {
      format: 1,
      ...{ id, requestId, fingerprint, namespace, spec: resolvedYaml, dataName, dataFiles: [...dataFiles] },
      createdUnixSeconds: this.createdUnixSeconds,
      ...(this.order === this.createdUnixSeconds ? {} : { order: this.order }),
      updatedUnixSeconds: this.#clock.unixSeconds(),
      ...{ state: phase.state, reason: phase.reason },
      failure: phase.state === 'failed' ? failureOf(phase.error) : null,
      result: phase.state === 'succeeded' ? this.result : null,
    };
  }

  /** The job as the services answer it. */
  toMessage(): JobMessage {
    const { phase } = this;
    return {
      id: this.id,
      name: this.submission.spec.name,
      namespace: this.submission.namespace,
      state: stateOf(phase),
      reason: phase.reason,
      resolvedSpec: this.submission.resolvedYaml,
      createdUnixSeconds: this.createdUnixSeconds,
      updatedUnixSeconds: this.#updatedUnixSeconds,
      progress: this.progress,
      result: phase.state === 'succeeded' ? this.result : null,
      failure: phase.state === 'failed' ? failureOf(phase.error) : null,
      priority: this.submission.spec.run.priority,
    };
  }
}

/** Where the events after a sequence begin, among events in order. */
function indexAfter(sequence: number, events: readonly JobEvent[]): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Number(events[middle]?.sequence) > sequence) high = middle;
    else low = middle + 1;
  }
  return low;
}

function stateOf({ state }: JobPhase): JobState {
  return `JOB_STATE_${state.toUpperCase()}` as JobState;
}

/** An error as it is kept in records and events. */
export function failureOf(error: LockstepError): {
  code: string;
  message: string;
  field: string;
  value: string;
  fix: string;
} {
  const { code, message, field, value, fix } = LockstepError.from(error);
  return { code, message, field, value, fix };
}
