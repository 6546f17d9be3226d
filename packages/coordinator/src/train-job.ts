/** One job from data to model: prepare, gather workers, steps and epochs, export, test, finish. */
import type { PreparedData } from '@lockstep/data';
import { initializeParameters, type ModelPlan, planModel } from '@lockstep/model';
import type { JobPlan } from '@lockstep/protocol';
import { stepsPerEpoch } from '@lockstep/protocol/core';
import { type EvaluationMetrics, evaluationMetrics } from './core/evaluation-metrics.js';
import { type EpochRow, historyCsv } from './core/history.js';
import { createOptimizer } from './core/optimizers/table.js';
import { learningRateAt } from './core/schedules/table.js';
import { checkParameters } from './core/update.js';
import { Crew, crewSize } from './crew.js';
import { Desertion } from './desertion.js';
import { evaluate, meanOfChunks } from './evaluate.js';
import { type ExportedModel, exportModel } from './export-model.js';
import { GradientBuffers } from './gather.js';
import type { Job } from './job.js';
import { jobPlan } from './job-plan.js';
import type { CoordinatorMetrics } from './metrics.js';
import { ParameterVersions } from './parameter-versions.js';
import type { Clock, ParameterBroadcast, WorkerPool } from './ports.js';
import { ProgressReporter } from './progress.js';
import { RecoveryMeter } from './recovery-meter.js';
import { runStep, type StepPorts } from './run-step.js';

/** What training needs of the world. */
export interface TrainPorts {
  readonly clock: Clock;
  readonly pool: WorkerPool;
  readonly metrics: CoordinatorMetrics;
  readonly leadershipEpoch: number;
  readonly prepare: (job: Job, signal: AbortSignal) => Promise<PreparedData>;
  readonly broadcast: (jobId: string) => ParameterBroadcast;
  /** Makes what the job serves to workers findable. */
  readonly serve: (job: Job, data: PreparedData, versions: ParameterVersions) => void;
  /** Stores model.onnx where workers and clients read it. */
  readonly storeModel: (job: Job, model: ExportedModel) => Promise<void>;
  /** Stores metrics.json and history.csv. */
  readonly storeResult: (job: Job, files: Readonly<Record<string, string>>) => Promise<void>;
}

/** A job whose data, model and workers are there. */
interface Training {
  readonly job: Job;
  readonly ports: TrainPorts;
  readonly data: PreparedData;
  readonly plan: ModelPlan;
  readonly versions: ParameterVersions;
  readonly crew: Crew;
  readonly desertion: Desertion;
  readonly recovery: RecoveryMeter;
  readonly steps: StepPorts;
  readonly batchSize: number;
  readonly history: EpochRow[];
  firstStepUnixSeconds: number;
}

/** Trains a job to its end. @throws LockstepError when it fails, or the signal's reason when it is cancelled */
export async function trainJob(job: Job, ports: TrainPorts): Promise<void> {
  const training = await start(job, ports);
  const { crew, desertion, versions } = training;
  try {
    await crew.gather((why) => job.advance({ type: 'waiting', why }), job.cancellation.signal);
    const { lanes } = job.submission.spec.train;
    desertion.doing({ type: 'running', what: `${crew.ready.length} workers, ${lanes} lanes` });
    await versions.start();
    await runEpochs(training);
    await finish(training);
  } finally {
    desertion.stop();
    crew.close('the job is over');
    ports.metrics.jobEnded();
  }
}

async function start(job: Job, ports: TrainPorts): Promise<Training> {
  const { spec } = job.submission;
  job.advance({ type: 'preparing', what: `reads ${job.submission.dataName}` });
  const data = await ports.prepare(job, job.cancellation.signal);
  const { layers, loss } = { layers: spec.model, loss: spec.train.loss };
  const plan = planModel({ layers, loss, featureWidth: data.featureWidth, outputWidth: data.outputWidth });
  const { train, validation, test } = data.rows;
  job.advance({
    type: 'preparing',
    what: `${train} training, ${validation} validation, ${test} test rows; ${data.featureWidth} features`,
  });
  const batchSize = spec.train.batchSize === 'full' ? train : Math.min(spec.train.batchSize, train);
  const initial = initializeParameters(plan, spec.train.seed);
  const versions = new ParameterVersions(ports.leadershipEpoch, initial, ports.broadcast(job.id), (bytes) =>
    ports.metrics.transportBytes('nats', 'out', bytes),
  );
  ports.serve(job, data, versions);
  for (const message of data.warnings) job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code: 'DATA', message } });
  const message = jobPlan({ jobId: job.id, leadershipEpoch: ports.leadershipEpoch, spec, data, plan, batchSize });
  const { crew, desertion } = createCrew(job, ports, message);
  const recovery = new RecoveryMeter(ports.clock, ports.metrics);
  const steps = stepPorts(job, ports, { plan, crew, versions, recovery });
  const training = { job, ports, data, plan, versions, crew, desertion, recovery, steps, batchSize };
  return { ...training, history: [], firstStepUnixSeconds: 0 };
}

function createCrew(job: Job, ports: TrainPorts, plan: JobPlan): { crew: Crew; desertion: Desertion } {
  const { spec } = job.submission;
  const { size, note } = crewSize(spec.run.workers, spec.train.lanes);
  if (note) job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'SPARE_WORKERS', message: note } });
  const desertion = new Desertion(job, size);
  const crew = new Crew({
    ...{ pool: ports.pool, plan, size },
    onChange: (change, worker, reason, ready) => {
      job.emit({ workerChanged: { workerId: worker.workerId, change, reason } });
      ports.metrics.workers('ready', ready);
      desertion.changed(ready, `${worker.workerId}, ${reason}`);
    },
  });
  return { crew, desertion };
}

function stepPorts(
  job: Job,
  ports: TrainPorts,
  { plan, crew, versions, recovery }: Pick<Training, 'plan' | 'crew' | 'versions' | 'recovery'>,
): StepPorts {
  const { train } = job.submission.spec;
  const { elementCount } = plan.layout;
  return {
    jobId: job.id,
    leadershipEpoch: ports.leadershipEpoch,
    laneCount: train.lanes,
    crew,
    versions,
    rule: {
      layout: plan.layout,
      regularizers: plan.regularizers,
      clip: train.clip,
      optimizer: createOptimizer(train.optimizer, elementCount),
    },
    buffers: new GradientBuffers(elementCount),
    clock: ports.clock,
    signal: job.cancellation.signal,
    onPhase: (phase, seconds) => ports.metrics.stepPhase(phase, seconds),
    onDecision: (reason, retriedLanes, isLoss) => {
      ports.metrics.laneRetries(retriedLanes);
      if (isLoss) recovery.lost();
      if (retriedLanes > 0) job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code: 'LANES_MOVED', message: reason } });
    },
  };
}

async function runEpochs(training: Training): Promise<void> {
  const { job, ports, data, batchSize, history } = training;
  const { train } = job.submission.spec;
  const perEpoch = stepsPerEpoch(data.rows.train, batchSize);
  const totalSteps = perEpoch * train.epochs;
  const reporter = new ProgressReporter(job, ports.clock, { perEpoch, totalSteps, epochs: train.epochs });
  for (let epoch = 0; epoch < train.epochs; epoch++) {
    const started = ports.clock.nowMs();
    const sums = { denominator: 0, loss: 0, metric: 0 };
    let learningRate = 0;
    for (let stepInEpoch = 0; stepInEpoch < perEpoch; stepInEpoch++) {
      const step = epoch * perEpoch + stepInEpoch;
      const rows = Math.min(batchSize, data.rows.train - stepInEpoch * batchSize);
      learningRate = learningRateAt(train.schedule, train.optimizer.learningRate, step, totalSteps);
      const done = await runStep({ step, epoch, stepInEpoch, rows, learningRate }, training.steps);
      if (step === 0) training.firstStepUnixSeconds = ports.clock.unixSeconds();
      sums.denominator += done.denominator;
      sums.loss += done.loss;
      sums.metric += done.metric;
      training.recovery.committed();
      ports.metrics.stepCommitted(done.rows, done.loss / done.denominator);
      reporter.step(step, done.rows, done.loss / done.denominator, training.crew.ready.length);
    }
    const metrics = { loss: sums.loss / sums.denominator, [metricName(training)]: sums.metric / sums.denominator };
    Object.assign(metrics, await validate(training, epoch));
    const seconds = (ports.clock.nowMs() - started) / 1000;
    history.push({ epoch: epoch + 1, seconds, learningRate, metrics });
    job.emit({ epochEnded: { epoch: epoch + 1, trainLoss: metrics.loss, seconds, learningRate, metrics } });
  }
}

function metricName({ job }: Training): string {
  return job.submission.spec.task === 'regression' ? 'mae' : 'accuracy';
}

async function validate(training: Training, epoch: number): Promise<Record<string, number>> {
  const rowCount = training.data.rows.validation;
  if (rowCount === 0) return {};
  const source = 'EVALUATION_SOURCE_VALIDATION' as const;
  const { loss, metric } = meanOfChunks(await evaluate({ id: epoch + 1, source, rowCount }, training.steps));
  training.ports.metrics.evalMetric('validation_loss', loss);
  return { validation_loss: loss, [`validation_${metricName(training)}`]: metric };
}

async function finish(training: Training): Promise<void> {
  const { job, ports, data, plan, versions, crew, history } = training;
  const { spec, resolvedYaml } = job.submission;
  training.desertion.doing({ type: 'finishing', what: 'exports model.onnx and measures it on the test rows' });
  checkParameters(versions.current, plan.layout, versions.version);
  const model = exportModel({
    ...{ spec, resolvedYaml, data, layout: plan.layout },
    ...{ parameters: versions.current, numericClass: crew.numericClass },
  });
  await ports.storeModel(job, model);
  const { metrics, confusionMatrix, difference } = await test(training, model.sha256);
  for (const [name, value] of Object.entries(metrics)) ports.metrics.evalMetric(`test_${name}`, value);
  const metricsJson = `${JSON.stringify({ test: metrics, confusionMatrix, rows: data.rows, exportDifference: difference, parametersSha256: model.parametersSha256 }, null, 2)}\n`;
  const csv = historyCsv(history);
  await ports.storeResult(job, { 'metrics.json': metricsJson, 'history.csv': csv });
  job.result = {
    parametersSha256: model.parametersSha256,
    lanes: spec.train.lanes,
    numericClass: crew.numericClass,
    reproducible: crew.isReproducible,
    testMetrics: metrics,
    metricsJson,
    historyCsv: csv,
    modelBytes: model.bytes.length,
    modelSha256: model.sha256,
    exportDifference: difference,
    firstStepUnixSeconds: training.firstStepUnixSeconds,
  };
  job.advance({
    type: 'succeeded',
    what: `${versions.version} steps, parameters ${model.parametersSha256.slice(0, 12)}`,
  });
}

async function test(training: Training, modelSha256: string): Promise<EvaluationMetrics & { difference: number }> {
  const { job, data, plan } = training;
  const rowCount = data.rows.test;
  if (rowCount === 0) return { metrics: {}, confusionMatrix: null, difference: 0 };
  const id = job.submission.spec.train.epochs + 1;
  const { outputWidth } = plan;
  const request = { id, source: 'EVALUATION_SOURCE_TEST' as const, rowCount, modelSha256, outputWidth };
  const chunks = await evaluate(request, training.steps);
  const scored = evaluationMetrics({
    task: data.task,
    outputs: floats(chunks.map((chunk) => chunk.outputs)),
    targets: floats(chunks.map((chunk) => chunk.targets)),
    width: outputWidth,
    loss: meanOfChunks(chunks).loss,
    labels: data.labels,
  });
  return { ...scored, difference: Math.max(...chunks.map((chunk) => chunk.difference)) };
}

function floats(parts: readonly Buffer[]): Float32Array {
  const bytes = new Uint8Array(Buffer.concat(parts));
  return new Float32Array(bytes.buffer, 0, bytes.length / 4);
}
