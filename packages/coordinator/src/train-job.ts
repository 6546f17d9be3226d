/** One job from data to model: prepare, gather workers, steps and epochs, export, test, finish. */
import type { PreparedData } from '@lockstep/data';
import { type ModelPlan, planModel } from '@lockstep/model';
import { inTurns, letHeapGrowFor, type NatsUser, type SharedMemoryProvider } from '@lockstep/protocol';
import { LockstepError, stepsPerEpoch } from '@lockstep/protocol/core';
import type { Checkpoint, JobWork } from './checkpoint/checkpoint.js';
import { stoppedText } from './core/early-stopping.js';
import { type EvaluationMetrics, evaluationMetrics, type ScoredRows } from './core/evaluation-metrics.js';
import { historyCsv } from './core/history.js';
import type { JobMachineEvent } from './core/job-machine.js';
import { ResidualBook } from './core/residual-book.js';
import { type ScoreCurves, scoreCurves } from './core/score-curves.js';
import { StepTimes } from './core/step-times.js';
import { StepTrace } from './core/step-trace.js';
import { checkParameters } from './core/update.js';
import type { Crew } from './crew.js';
import type { Desertion } from './desertion.js';
import { capture, type EpochState, epochState } from './epoch-state.js';
import { evaluate, meanOfChunks } from './evaluate.js';
import { type ExportedModel, exportModel } from './export-model.js';
import { checkMemory, initialParameters } from './initial-parameters.js';
import type { Job } from './job.js';
import { gradientsOf } from './job-gradients.js';
import { JobLink } from './job-link.js';
import { JobNumerics } from './job-numerics.js';
import { jobPlan } from './job-plan.js';
import { LanePace } from './lane-pace.js';
import type { CoordinatorMetrics } from './metrics.js';
import { ParameterVersions } from './parameter-versions.js';
import type { CheckpointStore, Clock, EventFile, ParameterBroadcast, WorkerShare } from './ports.js';
import { RecoveryMeter } from './recovery-meter.js';
import { createCheckpointer, findCheckpoint, jobWork } from './resume.js';
import { type EpochPorts, restoreBest, runEpochs } from './run-epochs.js';
import type { StepPorts } from './run-step.js';
import type { ServedVectors } from './services/parameters-service.js';
import { createCrew, createRule, createStepPorts } from './step-ports.js';
import type { StepWatch } from './step-watch.js';
import { createTensorBoardLog, type TensorBoardLog } from './tensorboard-log.js';
import { TRACE_FILE, traceText } from './trace.js';
import { createUpdater, type Updater } from './updater.js';

/** What training needs of the world. */
export interface TrainPorts {
  readonly clock: Clock;
  /** Workers of this job. */
  readonly pool: WorkerShare;
  readonly metrics: CoordinatorMetrics;
  readonly leadershipEpoch: number;
  readonly prepare: (job: Job, signal: AbortSignal) => Promise<PreparedData>;
  /** Shared memory of this machine. */
  readonly memory: () => Promise<SharedMemoryProvider>;
  readonly broadcast: (jobId: string) => ParameterBroadcast;
  /** As whom workers hear it, who may do nothing else; null where they log in by themselves. */
  readonly broadcastLogin: (jobId: string) => NatsUser | null;
  /** Makes what the job serves to workers findable. */
  readonly serve: (job: Job, data: PreparedData, vectors: ServedVectors) => void;
  /** Checkpoints of a job. */
  readonly checkpoints: (job: Job) => CheckpointStore;
  /** TensorBoard's file of a job. */
  readonly eventFile: (job: Job) => EventFile;
  /** Stores model.onnx where workers and clients read it. */
  readonly storeModel: (job: Job, model: ExportedModel) => Promise<void>;
  /** Stores metrics.json, history.csv and the trace. */
  readonly storeResult: (job: Job, files: Readonly<Record<string, string>>) => Promise<void>;
}

/** A job whose data, model and workers are there. */
interface Training {
  readonly job: Job;
  readonly ports: TrainPorts;
  readonly data: PreparedData;
  readonly plan: ModelPlan;
  readonly versions: ParameterVersions;
  readonly link: JobLink;
  readonly crew: Crew;
  readonly numerics: JobNumerics;
  readonly desertion: Desertion;
  readonly watch: StepWatch;
  /** Null unless the spec asks for one. */
  readonly trace: StepTrace | null;
  /** Null where the spec wants none. */
  readonly board: TensorBoardLog | null;
  readonly steps: StepPorts;
  readonly updater: Updater;
  readonly epochs: EpochPorts;
  readonly state: EpochState;
}

/** Trains a job to its end. @returns how it ended. @throws LockstepError when it fails, or the signal's reason when it is cancelled */
export async function trainJob(job: Job, ports: TrainPorts): Promise<JobMachineEvent> {
  const training = await start(job, ports);
  const { crew, desertion, versions, link } = training;
  let isTrained = false;
  try {
    await crew.gather((why) => job.advance({ type: 'waiting', why }), job.cancellation.signal);
    const { lanes } = job.submission.spec.train;
    desertion.doing({ type: 'running', what: `${crew.ready.length} workers, ${lanes} lanes` });
    await versions.start();
    await runEpochs(training.state, training.epochs);
    // The last epoch has its checkpoint: what is restored now is not the state after the last step.
    isTrained = true;
    await restoreBest(training.state, training.epochs);
    const ended = await finish(training);
    await training.epochs.checkpointer.settled();
    return ended;
  } catch (thrown) {
    if (!isTrained && !isInterrupted(thrown)) await saveLast(training);
    await training.epochs.checkpointer.settled();
    throw thrown;
  } finally {
    job.watch = null;
    training.watch.close();
    desertion.stop();
    crew.close('the job is over');
    training.updater.close();
    link.close();
    await training.board?.close();
    await keepTrace(training);
  }
}

/** Whether the optimizer's state is that of no step. */
function isInterrupted(thrown: unknown): boolean {
  return thrown instanceof LockstepError && thrown.code === 'UPDATE_INTERRUPTED';
}

/** Keeps the last committed step of a job that ends before its end; with residuals it was kept at the end of the step. */
async function saveLast({ state, epochs }: Training): Promise<void> {
  if (state.step > 0 && !epochs.steps.residuals) await epochs.checkpointer.begin(await capture(state, epochs));
}

/** Stores what was recorded, however the job ended. */
async function keepTrace({ job, ports, trace }: Training): Promise<void> {
  if (trace) await ports.storeResult(job, { [TRACE_FILE]: await traceText(trace) });
}

async function start(job: Job, ports: TrainPorts): Promise<Training> {
  const { spec } = job.submission;
  job.advance({ type: 'preparing', what: `reads ${job.submission.dataName}` });
  const data = await ports.prepare(job, job.cancellation.signal);
  const { layers, loss } = { layers: spec.model, loss: spec.train.loss };
  const { featureWidth, outputWidth, labels } = data;
  const plan = planModel({ layers, loss, featureWidth, outputWidth, labels });
  checkMemory(plan, spec.train);
  letHeapGrowFor(plan.layout.elementCount);
  const { train, validation, test } = data.rows;
  job.advance({
    type: 'preparing',
    what: `${train} training, ${validation} validation, ${test} test rows; ${data.featureWidth} features`,
  });
  const batchSize = spec.train.batchSize === 'full' ? train : Math.min(spec.train.batchSize, train);
  const store = ports.checkpoints(job);
  const resumed = await findCheckpoint(job, store, data);
  const link = await openLink(job, ports, plan);
  try {
    return await begin(job, ports, { data, plan, batchSize, store, resumed, link });
  } catch (thrown) {
    link.close();
    throw thrown;
  }
}

/** What a job begins with. */
interface Beginning {
  readonly data: PreparedData;
  readonly plan: ModelPlan;
  readonly batchSize: number;
  readonly store: CheckpointStore;
  /** Checkpoint to go on from. */
  readonly resumed: Checkpoint | null;
  readonly link: JobLink;
}

async function begin(job: Job, ports: TrainPorts, beginning: Beginning): Promise<Training> {
  const { data, plan, batchSize, store, resumed, link } = beginning;
  const { spec } = job.submission;
  const { train, validation } = data.rows;
  const versions = await firstVersion(job, ports, beginning);
  const { codec } = gradientsOf(spec.train.gradients, plan.layout.elementCount);
  const residuals = codec && new ResidualBook(spec.train.lanes);
  if (resumed) residuals?.restore(resumed.residuals);
  ports.serve(job, data, { versions, residuals });
  for (const message of data.warnings) job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code: 'DATA', message } });
  const message = jobPlan({
    jobId: job.id,
    leadershipEpoch: ports.leadershipEpoch,
    spec,
    data,
    plan,
    batchSize,
    host: link.offer,
    natsLogin: ports.broadcastLogin(job.id),
  });
  const pace = new LanePace();
  const trace = spec.run.trace ? new StepTrace() : null;
  const state = epochState(resumed);
  const numerics = new JobNumerics(job, resumed?.work ?? null, () => state.step);
  job.times ??= new StepTimes();
  const { crew, desertion, watch } = createCrew(job, ports, {
    plan: message,
    ...{ pace, numerics, link, trace, times: job.times, residuals },
  });
  job.watch = watch;
  const recovery = new RecoveryMeter(ports.clock, ports.metrics);
  const rule = createRule(job, plan);
  const perEpoch = stepsPerEpoch(train, batchSize);
  const board = createTensorBoardLog(job, ports, { plan, perEpoch, format: rule.format, state });
  const updater = createUpdater(job, rule);
  const steps = createStepPorts(job, ports, {
    ...{ plan, crew, watch, versions, link, recovery, pace, trace, rule, residuals },
    updater: board?.watching(updater) ?? updater,
  });
  if (resumed) await inTurns(steps.rule.optimizer.restore(resumed.optimizer));
  const { clock, metrics } = ports;
  const checkpoints = { store: board?.before(store) ?? store, clock, metrics };
  const checkpointer = createCheckpointer(job, checkpoints, perEpoch, resumed);
  const rows = { trainRows: train, validationRows: validation, batchSize };
  const work = (): JobWork => jobWork(spec, data, { numericClass: crew.numericClass, rebasedAt: numerics.rebasedAt });
  const epochs = { job, clock, metrics, steps, recovery, checkpointer, numerics, board, ...rows, work };
  const parts = { versions, link, crew, numerics, desertion, watch, trace, board, steps, updater, epochs, state };
  return { ...{ job, ports, data, plan }, ...parts };
}

function openLink(job: Job, { memory, metrics }: TrainPorts, { layout }: ModelPlan): Promise<JobLink> {
  return JobLink.open({
    ...{ spec: job.submission.spec, elementCount: layout.elementCount, memory },
    note: (message) => job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'HOST_LINK_UNAVAILABLE', message } }),
    onBytes: (direction, bytes) => metrics.transportBytes('host', direction, bytes),
  });
}

/** The parameters to begin with, in their place. */
async function firstVersion(
  job: Job,
  { leadershipEpoch, broadcast, metrics }: TrainPorts,
  { plan, link, resumed }: Beginning,
): Promise<ParameterVersions> {
  const versions = new ParameterVersions({
    ...{ leadershipEpoch, version: resumed?.step ?? 0, memory: link, broadcast: broadcast(job.id) },
    needsBroadcast: () => link.needsBroadcast,
    onBytes: (bytes) => metrics.transportBytes('nats', 'out', bytes),
  });
  if (resumed) versions.current.set(resumed.parameters);
  else await initialParameters(plan, job.submission.spec.train.seed, versions.current, job.cancellation.signal);
  return versions;
}

async function finish(training: Training): Promise<JobMachineEvent> {
  const { job, ports, data, plan, versions, crew, numerics, state } = training;
  const numericClass = numerics.name(crew.numericClass);
  const { spec, resolvedYaml } = job.submission;
  training.desertion.doing({ type: 'finishing', what: 'exports model.onnx and measures it on the test rows' });
  await inTurns(checkParameters(versions.current, plan.layout, state.step));
  const model = await job.timed('export', {}, async () => {
    const exported = await exportModel({
      ...{ spec, resolvedYaml, data, layout: plan.layout },
      ...{ parameters: versions.current, numericClass },
    });
    await ports.storeModel(job, exported);
    return exported;
  });
  const tested = await job.timed('test', { 'lockstep.rows': data.rows.test }, () => test(training, model.sha256));
  const { metrics, difference, curves, ...classes } = tested;
  for (const [name, value] of Object.entries(metrics)) ports.metrics.evalMetric(`test_${name}`, value);
  training.board?.tested(state.step, metrics);
  const { parametersSha256 } = model;
  const metricsJson = `${JSON.stringify({ test: metrics, ...classes, labels: data.labels, ...weighted(data), rows: data.rows, ...rejected(data), ...courseOf(training), ...traced(training), exportDifference: difference, parametersSha256 }, null, 2)}\n`;
  const csv = historyCsv(state.history);
  await ports.storeResult(job, { 'metrics.json': metricsJson, 'history.csv': csv });
  job.result = {
    parametersSha256,
    lanes: spec.train.lanes,
    numericClass,
    reproducible: crew.isReproducible && numerics.rebasedAt.length === 0,
    testMetrics: metrics,
    metricsJson,
    historyCsv: csv,
    modelBytes: model.bytes.length,
    modelSha256: model.sha256,
    exportDifference: difference,
    firstStepUnixSeconds: state.firstStepUnixSeconds,
    link: training.link.used,
    curvesJson: JSON.stringify(curves),
    processTimes: [...(job.times?.totals() ?? [])],
  };
  const what = `${state.step} steps, parameters ${parametersSha256.slice(0, 12)}`;
  return { type: 'succeeded', what };
}

/** What metrics.json says of class weights, by class. */
function weighted({ classWeights, labels }: PreparedData): Record<string, unknown> {
  if (!classWeights || !labels) return {};
  return { classWeights: Object.fromEntries(labels.map((label, index) => [label, classWeights[index]])) };
}

/** What metrics.json says of bad rows, where a spec lets them be left out. */
function rejected({ rejects }: PreparedData): Record<string, unknown> {
  return rejects ? { rejects } : {};
}

/** What metrics.json says of a trace that was recorded. */
function traced({ trace }: Training): Record<string, unknown> {
  return trace ? { trace: trace.summary() } : {};
}

/** What metrics.json says of the way to the model. */
function courseOf({ job, state }: Training): Record<string, unknown> {
  const { earlyStopping: rule, epochs } = job.submission.spec.train;
  const { best, bestEpoch, stoppedEpoch } = state.stopping;
  const earlyStopping = rule && {
    monitor: rule.monitor,
    stoppedEpoch: stoppedEpoch || null,
    ...{ bestEpoch, best, restored: state.bestParameters !== null },
    reason: stoppedEpoch > 0 ? stoppedText(rule, state.stopping, epochs) : null,
  };
  return { epochs: state.history.length, skippedSteps: state.skipped.total, earlyStopping: earlyStopping ?? null };
}

/** How the model does on the test rows. */
interface TestScores extends EvaluationMetrics {
  /** Largest difference of a score of model.onnx from training's own. */
  readonly difference: number;
  readonly curves: ScoreCurves | null;
}

async function test(training: Training, modelSha256: string): Promise<TestScores> {
  const { job, data, plan } = training;
  const rowCount = data.rows.test;
  if (rowCount === 0)
    return { metrics: {}, confusionMatrix: null, classes: null, averages: null, difference: 0, curves: null };
  const id = job.submission.spec.train.epochs + 1;
  const { outputWidth } = plan;
  const request = { id, source: 'EVALUATION_SOURCE_TEST' as const, rowCount, modelSha256, outputWidth };
  const chunks = await evaluate(request, training.steps);
  const scored: ScoredRows = {
    task: data.task,
    outputs: floats(chunks.map((chunk) => chunk.outputs)),
    targets: floats(chunks.map((chunk) => chunk.targets)),
    width: outputWidth,
    loss: meanOfChunks(chunks).loss,
    labels: data.labels,
  };
  const difference = Math.max(...chunks.map((chunk) => chunk.difference));
  return { ...evaluationMetrics(scored), difference, curves: scoreCurves(scored) };
}

function floats(parts: readonly Buffer[]): Float32Array {
  const bytes = new Uint8Array(Buffer.concat(parts));
  return new Float32Array(bytes.buffer, 0, bytes.length / 4);
}
