/** Runs a coordinator's commands one at a time, in order, since the engine computes one lane at a time. */
import type {
  Activity,
  Failure,
  JobPlan__Output,
  StepCommand__Output,
  TrainResponse__Output,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { computeLanes } from './compute-lane.js';
import { CurrentActivity } from './current-activity.js';
import { evaluateChunks } from './evaluate-chunks.js';
import { Job, type JobPorts } from './job.js';
import { MAX_QUEUED_COMMANDS } from './limits.js';
import type { Outbox } from './outbox.js';
import type { Clock } from './ports.js';
import { sendResiduals } from './send-residuals.js';

/** One connection to a coordinator, as commands see it. */
export interface CommandContext {
  readonly outbox: Outbox;
  /** What a job is prepared with over this connection. */
  readonly jobPorts: (jobId: string) => JobPorts;
}

/** Told of what commands do, for log and metrics. */
export interface CommandObserver {
  prepared(jobId: string, seconds: number): void;
  /** @param place job and step that it failed at, as far as it has them */
  failed(what: string, error: LockstepError, place: { readonly job?: string; readonly step?: number }): void;
  lanesComputed(count: number): void;
  /** @param bytes payload by the way that it went */
  uploaded(seconds: number, bytes: { readonly grpc: number; readonly host: number }): void;
}

/** The queue outlives connections: a lane in flight ends before a command of the next connection starts. */
export class CommandQueue {
  readonly #clock: Clock;
  readonly #observer: CommandObserver;
  readonly #jobs = new Map<string, { job: Job; context: CommandContext }>();
  readonly #activity: CurrentActivity;
  readonly #newest = new Map<string, { leadershipEpoch: number; version: number }>();
  #tail: Promise<void> = Promise.resolve();
  #queued = 0;
  #busySinceMs: number | null = null;
  #isDraining = false;

  constructor(clock: Clock, observer: CommandObserver) {
    this.#clock = clock;
    this.#activity = new CurrentActivity(clock);
    this.#observer = observer;
  }

  /** Milliseconds the command in work has taken so far; 0 when idle. */
  get busyMs(): number {
    return this.#busySinceMs === null ? 0 : Math.max(1, this.#clock.nowMs() - this.#busySinceMs);
  }

  /** What it is at; null where no command of a step or an evaluation is in work. */
  get activity(): Activity | null {
    return this.#activity.message;
  }

  /** Takes a message of the coordinator. Settled commands have answered over `context.outbox`. */
  accept(message: TrainResponse__Output, context: CommandContext): void {
    if (message.step) this.#note(message.step);
    if (this.#isDraining) return;
    if (this.#queued >= MAX_QUEUED_COMMANDS) {
      this.#observer.failed('command', new LockstepError('LIMIT_EXCEEDED', { message: 'Too many commands wait.' }), {});
      context.outbox.close();
      return;
    }
    this.#queued++;
    this.#tail = this.#tail.then(async () => {
      this.#queued--;
      if (!context.outbox.isOpen) return;
      this.#busySinceMs = this.#clock.nowMs();
      await this.#perform(message, context).finally(() => {
        this.#busySinceMs = null;
        this.#activity.end();
      });
    });
  }

  /** Starts no further command. @returns settles when the one in work is done */
  drain(): Promise<void> {
    this.#isDraining = true;
    return this.#tail;
  }

  /** Frees all jobs once nothing runs. */
  async release(): Promise<void> {
    await this.drain();
    for (const { job } of this.#jobs.values()) await job.release();
    this.#jobs.clear();
  }

  async #perform(message: TrainResponse__Output, context: CommandContext): Promise<void> {
    if (message.jobPlan) await this.#prepare(message.jobPlan, context);
    else if (message.step) await this.#step(message.step, context);
    else if (message.evaluate) await this.#evaluate(message.evaluate, context);
    else if (message.residual) await this.#residuals(message.residual, context);
    else if (message.jobEnded) await this.#end(message.jobEnded.jobId);
  }

  async #prepare(plan: JobPlan__Output, context: CommandContext): Promise<void> {
    const { jobId } = plan;
    const startMs = this.#clock.nowMs();
    try {
      // Jobs of an earlier connection that nobody plans again would hold memory for ever.
      for (const [id, held] of this.#jobs) if (id !== jobId && held.context !== context) await this.#end(id);
      const previous = this.#jobs.get(jobId)?.job;
      this.#jobs.delete(jobId);
      const job = await Job.prepare(plan, context.jobPorts(jobId), previous);
      this.#jobs.set(jobId, { job, context });
      await job.warmUp();
      this.#observer.prepared(jobId, (this.#clock.nowMs() - startMs) / 1000);
      await context.outbox.send({ jobReady: { jobId, ...(job.hostAnswer ? { host: job.hostAnswer } : {}) } });
    } catch (thrown) {
      await context.outbox.send({ jobReady: { jobId, failure: this.#failure('job plan', thrown, { job: jobId }) } });
    }
  }

  async #step(command: StepCommand__Output, { outbox }: CommandContext): Promise<void> {
    const { jobId, leadershipEpoch, incarnation, step, attempt, version, lanes } = command;
    const head = { jobId, leadershipEpoch, incarnation, step, attempt, version };
    if (this.#isOld(command)) return;
    this.#activity.begin(command, 'parameters');
    try {
      const { plan, lanes: ports } = this.#job(jobId);
      const frames = computeLanes(command, ports, this.#activity);
      const bytes = { grpc: 0, host: 0 };
      const vectorBytes = (plan.layout?.elementCount ?? 0) * Float32Array.BYTES_PER_ELEMENT;
      let seconds = 0;
      for await (const gradient of frames) {
        if (!outbox.isOpen) return;
        const startMs = this.#clock.nowMs();
        this.#activity.enter('send');
        await outbox.send({ gradient });
        // Then its vector is written again.
        if (gradient.sums && !gradient.slot) await outbox.allTaken();
        seconds += (this.#clock.nowMs() - startMs) / 1000;
        // Until the next range of lanes is there.
        this.#activity.enter('compute');
        if (gradient.slot) bytes.host += vectorBytes;
        else bytes.grpc += (gradient.data as Buffer).length;
      }
      this.#observer.uploaded(seconds, bytes);
      this.#observer.lanesComputed(lanes.length);
    } catch (thrown) {
      const failure = this.#failure('lanes', thrown, { job: jobId, step });
      await outbox.send({ laneFailed: { ...head, lanes, failure } });
    }
  }

  async #evaluate(command: NonNullable<TrainResponse__Output['evaluate']>, { outbox }: CommandContext): Promise<void> {
    const { jobId, leadershipEpoch, incarnation, evaluationId, version } = command;
    const head = { jobId, leadershipEpoch, incarnation, evaluationId, version };
    this.#activity.begin({ jobId }, 'parameters');
    try {
      for await (const chunk of evaluateChunks(command, this.#job(jobId).evaluation, this.#activity)) {
        if (!outbox.isOpen) return;
        await outbox.send({ evaluation: { ...head, chunks: [chunk] } });
      }
    } catch (thrown) {
      await outbox.send({ evaluation: { ...head, failure: this.#failure('evaluation', thrown, { job: jobId }) } });
    }
  }

  async #residuals(command: NonNullable<TrainResponse__Output['residual']>, { outbox }: CommandContext): Promise<void> {
    const { jobId, leadershipEpoch, incarnation, version, lanes } = command;
    this.#activity.begin({ jobId, lanes }, 'send');
    try {
      await sendResiduals(command, this.#job(jobId).lanes.residuals, outbox);
    } catch (thrown) {
      const failure = this.#failure('residuals', thrown, { job: jobId });
      await outbox.send({ residual: { jobId, leadershipEpoch, incarnation, version, lane: lanes[0] ?? 0, failure } });
    }
  }

  async #end(jobId: string): Promise<void> {
    const held = this.#jobs.get(jobId);
    this.#jobs.delete(jobId);
    this.#newest.delete(jobId);
    await held?.job.release();
  }

  #job(jobId: string): Job {
    const held = this.#jobs.get(jobId);
    if (!held) throw new LockstepError('PROTOCOL_VIOLATION', { message: `This worker has no plan of job ${jobId}.` });
    return held.job;
  }

  #note({ jobId, leadershipEpoch, version }: StepCommand__Output): void {
    const newest = this.#newest.get(jobId);
    const isNewer =
      !newest ||
      leadershipEpoch > newest.leadershipEpoch ||
      (leadershipEpoch === newest.leadershipEpoch && version > newest.version);
    if (isNewer) this.#newest.set(jobId, { leadershipEpoch, version });
  }

  /** The coordinator has gone on to a later version: others computed these lanes. Steps may be computed again, versions not. */
  #isOld({ jobId, leadershipEpoch, version }: StepCommand__Output): boolean {
    const newest = this.#newest.get(jobId);
    return newest !== undefined && newest.leadershipEpoch === leadershipEpoch && version < newest.version;
  }

  #failure(what: string, thrown: unknown, place: { readonly job: string; readonly step?: number }): Failure {
    const error = LockstepError.from(thrown);
    this.#observer.failed(what, error, place);
    const { code, message, field, value, fix } = error;
    return { code, message, field, value, fix };
  }
}
