/** What the coordinator's HTTP server sends, with every member in its place, whatever of it is missing. */

/** A job as the gRPC API has it. */
export interface Job {
  readonly id: string;
  readonly name: string;
  /** Such as "JOB_STATE_RUNNING". */
  readonly state: string;
  readonly reason: string;
  readonly namespace: string;
  readonly resolvedSpec: string;
  readonly createdUnixSeconds: number;
  readonly updatedUnixSeconds: number;
  readonly progress: JobProgress | null;
  readonly result: JobResult | null;
  readonly failure: Failure | null;
  readonly activity: JobActivity | null;
}

/** How far a job is. */
export interface JobProgress {
  /** Committed steps. */
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly totalEpochs: number;
  readonly trainLoss: number;
  readonly samplesPerSecond: number;
  readonly remainingSeconds: number;
  readonly workers: number;
}

/** What a job that succeeded leaves. */
export interface JobResult {
  readonly parametersSha256: string;
  readonly numericClass: string;
  readonly lanes: number;
  readonly link: string;
  readonly testMetrics: Readonly<Record<string, number>>;
  readonly processTimes: readonly ProcessTime[];
}

/** Seconds of all steps of a process by phase. */
export interface ProcessTime {
  readonly process: string;
  readonly steps: number;
  readonly phaseSeconds: Readonly<Record<string, number>>;
}

/** An error of the catalogue. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** What the processes of a job do now. */
export interface JobActivity {
  readonly steps: number;
  /** Mean seconds of a step. */
  readonly phaseSeconds: Readonly<Record<string, number>>;
  readonly workers: readonly WorkerActivity[];
  readonly stall: StepStalled | null;
}

/** What a worker does for a job. */
export interface WorkerActivity {
  readonly workerId: string;
  readonly lanes: readonly number[];
  readonly steps: number;
  readonly phaseSeconds: Readonly<Record<string, number>>;
  readonly phase: string;
  readonly phaseAgeSeconds: number;
}

/** A step that takes too long. */
export interface StepStalled {
  /** Empty where the coordinator itself is late. */
  readonly workerId: string;
  readonly lanes: readonly number[];
  readonly phase: string;
  readonly waitedSeconds: number;
  readonly deadlineSeconds: number;
  readonly reason: string;
}

/** One event of a job, with exactly one of its kinds. */
export interface JobEvent {
  readonly sequence: number;
  readonly unixSeconds: number;
  readonly step: number;
  readonly stateChanged: { readonly state: string; readonly reason: string } | null;
  readonly stepsCommitted: { readonly progress: JobProgress | null } | null;
  readonly epochEnded: EpochEnded | null;
  readonly workerChanged: { readonly workerId: string; readonly change: string; readonly reason: string } | null;
  readonly note: { readonly level: string; readonly code: string; readonly message: string } | null;
  readonly rewound: { readonly toStep: number } | null;
  readonly stepStalled: StepStalled | null;
}

/** The end of an epoch. */
export interface EpochEnded {
  /** 1-based. */
  readonly epoch: number;
  readonly trainLoss: number;
  readonly seconds: number;
  readonly learningRate: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** A worker that is connected. */
export interface ConnectedWorker {
  readonly workerId: string;
  readonly host: string;
  readonly pid: number;
  readonly softwareVersion: string;
  readonly engine: { readonly name: string; readonly version: string; readonly provider: string } | null;
  readonly replicas: number;
  readonly jobId: string;
  readonly state: string;
  readonly joinedUnixSeconds: number;
  readonly heartbeatAgeSeconds: number;
}

/** Who looks at the page, and what they may do. */
export interface Session {
  readonly needsToken: boolean;
  /** Null where nobody has logged in. */
  readonly who: { readonly name: string; readonly role: string; readonly namespaces: readonly string[] } | null;
  readonly mayCancel: boolean;
  readonly version: string;
}

/** A page of the list of jobs. */
export interface JobPage {
  readonly jobs: readonly Job[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

type Members = Readonly<Record<string, unknown>>;

const members = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Numbers that JSON has no sign for come as text. */
const number = (value: unknown): number =>
  typeof value === 'number' ? value : value === undefined || value === null ? 0 : Number(value);
const list = <Item>(value: unknown, read: (item: unknown) => Item): readonly Item[] =>
  Array.isArray(value) ? value.map(read) : [];
const maybe = <Part>(value: unknown, read: (part: Members) => Part): Part | null =>
  value === undefined || value === null ? null : read(members(value));
const numbers = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(members(value)).map(([name, one]) => [name, number(one)]));

/** A job. */
export function readJob(value: unknown): Job {
  const job = members(value);
  return {
    id: text(job.id),
    name: text(job.name),
    state: text(job.state),
    reason: text(job.reason),
    namespace: text(job.namespace),
    resolvedSpec: text(job.resolvedSpec),
    createdUnixSeconds: number(job.createdUnixSeconds),
    updatedUnixSeconds: number(job.updatedUnixSeconds),
    progress: maybe(job.progress, readProgress),
    result: maybe(job.result, readResult),
    failure: maybe(job.failure, readFailure),
    activity: maybe(job.activity, readActivity),
  };
}

function readProgress(progress: Members): JobProgress {
  return {
    step: number(progress.step),
    totalSteps: number(progress.totalSteps),
    epoch: number(progress.epoch),
    totalEpochs: number(progress.totalEpochs),
    trainLoss: number(progress.trainLoss),
    samplesPerSecond: number(progress.samplesPerSecond),
    remainingSeconds: number(progress.remainingSeconds),
    workers: number(progress.workers),
  };
}

function readResult(result: Members): JobResult {
  return {
    parametersSha256: text(result.parametersSha256),
    numericClass: text(result.numericClass),
    lanes: number(result.lanes),
    link: text(result.link),
    testMetrics: numbers(result.testMetrics),
    processTimes: list(result.processTimes, (item) => {
      const { process, steps, phaseSeconds } = members(item);
      return { process: text(process), steps: number(steps), phaseSeconds: numbers(phaseSeconds) };
    }),
  };
}

/** An error's body, or a job's failure. */
export function readFailure(value: unknown): Failure {
  const { code, message, fix } = members(value);
  return { code: text(code), message: text(message), fix: text(fix) };
}

/** What the processes of a job do. */
export function readActivity(value: unknown): JobActivity {
  const { steps, phaseSeconds, workers, stall } = members(value);
  return {
    steps: number(steps),
    phaseSeconds: numbers(phaseSeconds),
    workers: list(workers, (item) => {
      const worker = members(item);
      return {
        workerId: text(worker.workerId),
        lanes: list(worker.lanes, number),
        steps: number(worker.steps),
        phaseSeconds: numbers(worker.phaseSeconds),
        phase: text(worker.phase),
        phaseAgeSeconds: number(worker.phaseAgeSeconds),
      };
    }),
    stall: maybe(stall, readStall),
  };
}

function readStall(stall: Members): StepStalled {
  return {
    workerId: text(stall.workerId),
    lanes: list(stall.lanes, number),
    phase: text(stall.phase),
    waitedSeconds: number(stall.waitedSeconds),
    deadlineSeconds: number(stall.deadlineSeconds),
    reason: text(stall.reason),
  };
}

/** An event of a job. */
export function readEvent(value: unknown): JobEvent {
  const event = members(value);
  return {
    sequence: number(event.sequence),
    unixSeconds: number(event.unixSeconds),
    step: number(event.step),
    stateChanged: maybe(event.stateChanged, ({ state, reason }) => ({ state: text(state), reason: text(reason) })),
    stepsCommitted: maybe(event.stepsCommitted, ({ progress }) => ({ progress: maybe(progress, readProgress) })),
    epochEnded: maybe(event.epochEnded, (ended) => ({
      epoch: number(ended.epoch),
      trainLoss: number(ended.trainLoss),
      seconds: number(ended.seconds),
      learningRate: number(ended.learningRate),
      metrics: numbers(ended.metrics),
    })),
    workerChanged: maybe(event.workerChanged, ({ workerId, change, reason }) => ({
      workerId: text(workerId),
      change: text(change),
      reason: text(reason),
    })),
    note: maybe(event.note, ({ level, code, message }) => ({
      level: text(level),
      code: text(code),
      message: text(message),
    })),
    rewound: maybe(event.rewound, ({ toStep }) => ({ toStep: number(toStep) })),
    stepStalled: maybe(event.stepStalled, readStall),
  };
}

/** A page of jobs. */
export function readJobPage(value: unknown): JobPage {
  const { jobs, nextPageToken } = members(value);
  return { jobs: list(jobs, readJob), nextPageToken: text(nextPageToken) };
}

/** Connected workers. */
export function readWorkers(value: unknown): readonly ConnectedWorker[] {
  return list(members(value).workers, (item) => {
    const worker = members(item);
    return {
      workerId: text(worker.workerId),
      host: text(worker.host),
      pid: number(worker.pid),
      softwareVersion: text(worker.softwareVersion),
      engine: maybe(worker.engine, ({ name, version, provider }) => ({
        name: text(name),
        version: text(version),
        provider: text(provider),
      })),
      replicas: number(worker.replicas),
      jobId: text(worker.jobId),
      state: text(worker.state),
      joinedUnixSeconds: number(worker.joinedUnixSeconds),
      heartbeatAgeSeconds: number(worker.heartbeatAgeSeconds),
    };
  });
}

/** A session. */
export function readSession(value: unknown): Session {
  const { needsToken, who, mayCancel, version } = members(value);
  return {
    needsToken: needsToken === true,
    who: maybe(who, ({ name, role, namespaces }) => ({
      name: text(name),
      role: text(role),
      namespaces: list(namespaces, text),
    })),
    mayCancel: mayCancel === true,
    version: text(version),
  };
}
