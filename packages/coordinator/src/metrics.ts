/** Every series of the coordinator, once: name, help, labels. Documented in docs/metrics.md. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { SERIES_GRACE_MS } from './limits.js';
import { QueueMetrics } from './queue-metrics.js';

/** Seconds from 0.1 ms to 60 s, the range of a phase. */
const PHASE_BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60];

/** Seconds from 10 ms to an hour, the range of waits. */
const WAIT_BUCKETS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600];

/** The coordinator's series in a registry of their own. */
export class CoordinatorMetrics {
  readonly registry = new Registry();
  readonly queue = new QueueMetrics(this.registry);
  readonly #steps: Counter;
  readonly #samples: Counter;
  readonly #phases: Histogram;
  readonly #bytes: Counter;
  readonly #workers: Gauge;
  readonly #joins: Counter;
  readonly #losses: Counter;
  readonly #fetches: Counter;
  readonly #retries: Counter;
  readonly #lost: Counter;
  readonly #skipped: Counter;
  readonly #stalled = this.#counter(
    'lockstep_stalled_steps_total',
    'Steps that took longer than their deadline: several times the usual time.',
  );
  readonly #loss: Gauge;
  readonly #evaluation: Gauge;
  readonly #jobs: Gauge;
  readonly #queue: Histogram;
  readonly #recovery: Histogram;
  readonly #goodput: Gauge;
  readonly #checkpointAge: Gauge;
  readonly #running = new Set<string>();
  readonly #ready = new Map<string, number>();
  #checkpointMs: number | null = null;
  #countJobs: () => ReadonlyMap<string, number> = () => new Map();
  #countWanted: () => ReadonlyMap<string, number> = () => new Map();
  #grace: NodeJS.Timeout | null = null;

  constructor(version: string) {
    const registers = [this.registry];
    this.#steps = this.#counter('lockstep_steps_total', 'Steps committed.');
    this.#samples = this.#counter('lockstep_samples_total', 'Rows of committed steps.');
    this.#phases = new Histogram({
      name: 'lockstep_step_phase_seconds',
      help: 'Seconds of each phase of a step, as its side sees it.',
      labelNames: ['phase', 'worker'],
      buckets: PHASE_BUCKETS,
      registers,
    });
    this.#bytes = new Counter({
      name: 'lockstep_transport_bytes_total',
      help: 'Payload bytes sent and received.',
      labelNames: ['transport', 'direction'],
      registers,
    });
    this.#workers = new Gauge({
      name: 'lockstep_workers',
      help: 'Workers by state.',
      labelNames: ['state'],
      registers,
    });
    this.#joins = this.#counter('lockstep_worker_joins_total', 'Times that a worker has joined, again or anew.');
    this.#losses = this.#counter(
      'lockstep_worker_losses_total',
      'Times that the stream of a worker has ended, whatever ended it.',
    );
    this.#workersWanted();
    this.#fetches = this.#counter(
      'lockstep_parameter_fetches_total',
      'Times that a worker has asked for parameters that it missed on the broadcast.',
    );
    this.#retries = this.#counter('lockstep_lane_retries_total', 'Lanes given to another worker.');
    this.#lost = this.#counter('lockstep_lost_steps_total', 'Committed steps that had to be computed again.');
    this.#skipped = this.#counter(
      'lockstep_skipped_steps_total',
      'Steps whose update was left out because a loss or gradient was not finite.',
    );
    this.#loss = new Gauge({ name: 'lockstep_train_loss', help: 'Mean training loss of the newest step.', registers });
    this.#evaluation = new Gauge({
      name: 'lockstep_eval_metric',
      help: 'Newest evaluation metrics.',
      labelNames: ['metric'],
      registers,
    });
    this.#jobs = new Gauge({
      name: 'lockstep_jobs',
      help: 'Jobs by state.',
      labelNames: ['state'],
      registers,
      collect: () => {
        for (const [state, count] of this.#countJobs()) this.#jobs.set({ state }, count);
      },
    });
    this.#queue = new Histogram({
      name: 'lockstep_queue_seconds',
      help: 'Seconds from the submission of a job to its start.',
      buckets: WAIT_BUCKETS,
      registers,
    });
    this.#recovery = new Histogram({
      name: 'lockstep_recovery_seconds',
      help: 'Seconds from the loss of a worker in a step to the commit of that step.',
      buckets: WAIT_BUCKETS,
      registers,
    });
    this.#goodput = new Gauge({
      name: 'lockstep_goodput_ratio',
      help: 'Share of the time of training that was not spent on recovery.',
      registers,
    });
    this.#checkpointAge = this.#ageOfCheckpoint();
    const build = new Gauge({
      name: 'lockstep_build_info',
      help: 'Always 1; the labels say what runs.',
      labelNames: ['version', 'node', 'component'],
      registers,
    });
    build.set({ version, node: process.versions.node, component: 'coordinator' }, 1);
    this.#forgetJob();
  }

  /** A step was committed. */
  stepCommitted(rows: number, loss: number): void {
    this.#steps.inc();
    this.#samples.inc(rows);
    this.#loss.set(loss);
  }

  /** The update of a step was left out. */
  stepSkipped(): void {
    this.#skipped.inc();
  }

  /** A step takes longer than its deadline. */
  stepStalled(): void {
    this.#stalled.inc();
  }

  /** Committed steps are computed again. */
  stepsLost(steps: number): void {
    this.#lost.inc(steps);
  }

  /** A phase of a step took so long. */
  stepPhase(phase: string, seconds: number): void {
    this.#phases.observe({ phase, worker: '' }, seconds);
  }

  /** Payload bytes went over a transport. */
  transportBytes(transport: 'grpc' | 'nats' | 'host', direction: 'in' | 'out', bytes: number): void {
    this.#bytes.inc({ transport, direction }, bytes);
  }

  /** Lanes were given to another worker. */
  laneRetries(lanes: number): void {
    this.#retries.inc(lanes);
  }

  /** A worker has joined. */
  workerJoined(): void {
    this.#joins.inc();
  }

  /** The stream of a worker has ended. */
  workerLost(): void {
    this.#losses.inc();
  }

  /** A worker asks for parameters that it missed. */
  parametersFetched(): void {
    this.#fetches.inc();
  }

  /** Workers that are connected. */
  connectedWorkers(count: number): void {
    this.#workers.set({ state: 'connected' }, count);
  }

  /** Workers that are ready for a job; the series adds those of all jobs. */
  readyWorkers(jobId: string, count: number): void {
    this.#ready.set(jobId, count);
    this.#workers.set(
      { state: 'ready' },
      [...this.#ready.values()].reduce((sum, ready) => sum + ready, 0),
    );
  }

  /** Where the jobs by state are counted whenever somebody asks. */
  countJobsWith(count: () => ReadonlyMap<string, number>): void {
    this.#countJobs = count;
  }

  /** Where the workers that jobs ask for are counted, by device, whenever somebody asks. */
  countWantedWith(count: () => ReadonlyMap<string, number>): void {
    this.#countWanted = count;
  }

  /** A job has started after waiting so long. */
  jobStarted(jobId: string, queueSeconds: number): void {
    this.#queue.observe(queueSeconds);
    if (this.#running.size === 0) this.#forgetJob();
    this.#running.add(jobId);
  }

  /** A job is over: what only said how jobs are going goes a while after the last. */
  jobEnded(jobId: string): void {
    this.#running.delete(jobId);
    if (this.#running.size > 0) {
      this.readyWorkers(jobId, 0);
      this.#ready.delete(jobId);
      return;
    }
    this.#grace = setTimeout(() => this.#forgetJob(), SERIES_GRACE_MS);
    this.#grace.unref();
  }

  /** A step that lost a worker was committed so long after the loss. */
  recovered(seconds: number): void {
    this.#recovery.observe(seconds);
  }

  /** Share of the time of training that was not spent on recovery. */
  goodput(ratio: number): void {
    this.#goodput.set(ratio);
  }

  /** A checkpoint is on the disk, or a job begins. */
  checkpointSaved(): void {
    this.#checkpointMs = performance.now();
  }

  /** A metric was measured. */
  evalMetric(metric: string, value: number): void {
    this.#evaluation.set({ metric }, value);
  }

  /** A counter without labels, 0 from the start. */
  #counter(name: string, help: string): Counter {
    const counter = new Counter({ name, help, registers: [this.registry] });
    counter.inc(0);
    return counter;
  }

  #workersWanted(): void {
    const wanted = new Gauge({
      name: 'lockstep_workers_wanted',
      help: 'Workers that jobs which have not ended ask for, by the device that they name.',
      labelNames: ['device'],
      registers: [this.registry],
      collect: () => {
        for (const [device, count] of this.#countWanted()) wanted.set({ device }, count);
      },
    });
  }

  #ageOfCheckpoint(): Gauge {
    const age = new Gauge({
      name: 'lockstep_checkpoint_age_seconds',
      help: 'Seconds since the newest checkpoint of the running job was on the disk, or since the job began.',
      registers: [this.registry],
      collect: () => {
        if (this.#checkpointMs !== null) age.set((performance.now() - this.#checkpointMs) / 1000);
      },
    });
    return age;
  }

  #forgetJob(): void {
    if (this.#grace) clearTimeout(this.#grace);
    this.#grace = null;
    this.#loss.remove();
    this.#goodput.remove();
    this.#checkpointMs = null;
    this.#checkpointAge.remove();
    this.#evaluation.reset();
    this.#ready.clear();
    this.#workers.remove('ready');
  }
}
