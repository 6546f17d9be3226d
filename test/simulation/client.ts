/** A client that submits one job, follows it to its end, and remembers what it was told. */
import {
  channelOptions,
  clientCredentials,
  type Job__Output,
  JobServiceClient,
  unary,
  type WatchJobResponse__Output,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { MAX_LANE_FAILURES } from '../../packages/coordinator/src/core/poison.ts';
import type { Checks } from './checks.ts';
import { ADDRESS } from './cluster.ts';
import type { Oracle } from './oracle.ts';
import type { World } from './world/kernel.ts';

const DEADLINE_MS = 5_000;
const POLL_MS = 1_000;
const RETRY_MS = 300;
/** Between two looks whether the job is about to end, and how long it takes then at most. */
const LOOK_MS = 5;
const FINISHING_MS = 60;
const TERMINAL = ['JOB_STATE_SUCCEEDED', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED'];

/** SHA-256 that the data file is uploaded under. */
export const DATA_SHA256 = '0'.repeat(64);

/** How a job ends that has a row which no worker can compute. */
const POISONED: readonly string[] = ['LANE_FAILED', 'POISON_LANE'];

/** The one client of a run. */
export class Client {
  readonly #world: World;
  readonly #oracle: Oracle;
  readonly #yaml: string;
  readonly #poison: number | null;
  readonly #checks: Checks;
  #client: JobServiceClient | null = null;
  #jobId = '';
  #watched = 0;
  /** The job as it ended, once the client knows. */
  ended: Job__Output | null = null;
  /** Whether a cancel was asked for, and what state it was answered with. */
  cancelAnswer: string | null = null;
  isCancelAsked = false;
  #isFinishing = false;

  /** @param poison a row that no engine can compute: the job must fail for it */
  constructor(world: World, oracle: Oracle, checks: Checks, poison: number | null) {
    this.#checks = checks;
    this.#poison = poison;
    this.#world = world;
    this.#oracle = oracle;
    this.#yaml = oracle.workload.yaml;
  }

  /** Submits, then follows and looks again and again, also after the end. */
  async run(): Promise<void> {
    this.#client = new JobServiceClient(ADDRESS, clientCredentials(), channelOptions());
    const request = { spec: this.#yaml, requestId: 'the one', uploads: { 'data.csv': DATA_SHA256 } };
    const { job } = await this.#insist<{ job: Job__Output }>('submitJob', request);
    this.#jobId = job.id;
    this.#world.trace(`submitted ${job.id}`);
    // The same request again is the same job.
    const again = await this.#insist<{ job: Job__Output }>('submitJob', request);
    if (again.job.id !== job.id) this.#world.violate('I8', `one request made the jobs ${job.id} and ${again.job.id}`);
    void this.#watch();
    for (;;) {
      const { jobs } = await this.#insist<{ jobs: Job__Output[] }>('listJobs', {});
      if (jobs.length !== 1) this.#world.violate('I7', `there are ${jobs.length} jobs after one was acknowledged`);
      this.#look((await this.#insist<{ job: Job__Output }>('getJob', { jobId: this.#jobId })).job);
      await this.#world.sleep(POLL_MS, 'poll');
    }
  }

  /** Cancels the job. @param isLate once it finishes */
  async cancel(isLate: boolean): Promise<void> {
    while (!this.#jobId) await this.#world.sleep(POLL_MS, 'poll');
    if (isLate) {
      while (!this.#isFinishing && !this.ended) await this.#world.sleep(LOOK_MS, 'look');
      await this.#world.sleep(this.#world.draws('client').between(0, FINISHING_MS));
    }
    this.isCancelAsked = true;
    const { job } = await this.#insist<{ job: Job__Output }>('cancelJob', { jobId: this.#jobId, reason: 'simulated' });
    this.cancelAnswer = job.state;
    this.#look(job);
    if (!TERMINAL.includes(job.state)) this.#world.violate('I8', `a cancelled job is ${job.state}`);
  }

  #look(job: Job__Output): void {
    if (this.ended) {
      const same =
        job.state === this.ended.state && job.result?.parametersSha256 === this.ended.result?.parametersSha256;
      if (!same) this.#world.violate('I8', `the job was ${this.ended.state} and is ${job.state}`);
      return;
    }
    if (!TERMINAL.includes(job.state)) return;
    this.ended = job;
    this.#world.trace(`the job is ${job.state}: ${job.reason}`);
    if (job.state === 'JOB_STATE_FAILED') {
      const isPoisoned = this.#poison !== null && POISONED.includes(job.failure?.code ?? '');
      if (!isPoisoned && !this.#isUnlucky(job))
        this.#world.violate('I14', `the job failed: ${job.failure?.code} ${job.reason}`);
      return;
    }
    if (job.state === 'JOB_STATE_CANCELLED') {
      if (!this.isCancelAsked) this.#world.violate('I8', 'a job was cancelled that nobody cancelled');
      return;
    }
    if (this.#poison !== null) this.#world.violate('I15', 'the job succeeded with a row that cannot be computed');
    this.#checkResult(job);
  }

  /** Whether chance ended as many workers over one lane as a poisoned one does: nobody could tell the two apart. */
  #isUnlucky({ failure }: Job__Output): boolean {
    if (failure?.code !== 'POISON_LANE') return false;
    const [, step, lane] = /^In step (\d+), lane (\d+) /.exec(failure.message) ?? [];
    const isUnlucky = this.#checks.endedOver(Number(step), Number(lane)) >= MAX_LANE_FAILURES;
    if (isUnlucky) this.#world.sometimes('three deaths over one lane');
    return isUnlucky;
  }

  #checkResult({ result }: Job__Output): void {
    if (result?.parametersSha256 !== this.#oracle.parametersSha256)
      this.#world.violate(
        'I1',
        `the parameters' SHA-256 is ${result?.parametersSha256}, not ${this.#oracle.parametersSha256}`,
      );
    const rows = (result?.historyCsv ?? '').trim().split('\n').slice(1);
    const expected = this.#oracle.epochs.map((metrics, index) => [index + 1, ...Object.values(metrics)].join(','));
    rows.forEach((row, index) => {
      if (!row.startsWith(`${expected[index]},`))
        this.#world.violate('I1', `history has ${row}, not ${expected[index]}`);
    });
    if (rows.length !== expected.length) this.#world.violate('I1', `history has ${rows.length} epochs`);
  }

  async #watch(): Promise<void> {
    for (;;) {
      try {
        const stream = (this.#client as JobServiceClient).watchJob({
          jobId: this.#jobId,
          afterSequence: this.#watched,
        });
        for await (const { event } of stream as AsyncIterable<WatchJobResponse__Output>) {
          if (!event) continue;
          if (event.sequence <= this.#watched)
            this.#world.violate('I7', `event ${event.sequence} after ${this.#watched}`);
          this.#watched = event.sequence;
          this.#isFinishing ||= event.stateChanged?.state === 'JOB_STATE_FINISHING';
          const progress = event.stepsCommitted?.progress;
          if (progress && progress.trainLoss !== this.#oracle.losses[progress.step - 1])
            this.#world.violate('I1', `the loss of step ${progress.step} is ${progress.trainLoss}`);
          if (event.note?.code === 'LANES_DIFFER') this.#world.violate('I4', event.note.message);
        }
        if (this.ended) return;
      } catch {
        // The stream broke with its coordinator.
      }
      await this.#world.sleep(RETRY_MS, 'watch again');
    }
  }

  /** Calls until it is answered. */
  async #insist<Response>(method: string, request: object): Promise<Response> {
    for (;;) {
      try {
        return await unary<object, Response>(this.#client as JobServiceClient, method, request, {
          deadlineMs: DEADLINE_MS,
        });
      } catch (thrown) {
        const error = LockstepError.from(thrown);
        if (!RETRYABLE.includes(error.code)) this.#world.violate('I7', `${method} is refused: ${error.message}`);
        await this.#world.sleep(RETRY_MS, 'try again');
      }
    }
  }
}

const RETRYABLE = ['SERVER_UNREACHABLE', 'DEADLINE', 'INTERRUPTED', 'DISK_FULL', 'OUTPUT_UNWRITABLE'];
