/** Forward and backward of one workload's training graph, again and again, in a process that talks to nobody meanwhile. */
import { createEngine, type Engine } from '@lockstep/engine';
import { encodeModel, initializeParameters } from '@lockstep/model';
import { TrainingGraph } from '../packages/worker/src/training-graph.js';
import { featureOf, planOf, targetOf, WORKERS, WORKLOADS, type Workload } from './workloads.ts';

/** Told to a process that is ready. */
export interface BareTask {
  readonly milliseconds: number;
}

/** What it reports. */
export type BareReport = { readonly isReady: true } | { readonly runsMs: readonly number[] };

/** Runs before the first measured one, and time that they take at least. */
const WARM_UP_RUNS = 5;
const WARM_UP_MS = 300;

function report(message: BareReport): void {
  process.send?.(message);
}

/** The graph with one lane's rows in its memory, as a worker holds it. */
async function prepare(engine: Engine, workload: Workload): Promise<() => Promise<void>> {
  const { spec, plan } = planOf(workload);
  const rows = workload.rowsPerWorker;
  const training = await TrainingGraph.load(
    engine,
    {
      ...{ jobId: 'bare', leadershipEpoch: 0, parameterSubject: '', sampler: '', evaluationChunkRows: 0 },
      ...{ trainingGraph: Buffer.from(encodeModel(plan.trainingGraph)), evaluationGraph: Buffer.alloc(0) },
      ...{ host: null, natsLogin: null, layout: null, masks: [], task: spec.task, seed: spec.train.seed },
      ...{ batchSize: rows * WORKERS, lanes: WORKERS, threadsPerLane: spec.train.threadsPerLane },
      ...{ trainRows: workload.tableRows, featureWidth: workload.features },
      ...{ trainShards: [], validationShards: [], testShards: [], testPreparedShards: [] },
      ...{ outputWidth: plan.outputWidth, outputIsLogits: plan.outputIsLogits, gradients: 'float32' },
      topKFraction: 0,
    },
    plan.layout,
  );
  const { features, target, weight } = training.batch;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < workload.features; column++)
      features[row * workload.features + column] = featureOf(workload, row, column);
    target[row] = targetOf(workload, row);
    weight[row] = 1;
  }
  const initial = initializeParameters(plan, spec.train.seed);
  const parameters = engine.allocate('float32', initial.length);
  parameters.set(initial);
  const gradient = engine.allocate('float32', initial.length);
  return async () => void (await training.run(parameters, rows, gradient));
}

async function repeat(run: () => Promise<void>, milliseconds: number, atLeast = 1): Promise<number[]> {
  const runsMs: number[] = [];
  let now = performance.now();
  const end = now + milliseconds;
  while (now < end || runsMs.length < atLeast) {
    await run();
    const after = performance.now();
    runsMs.push(after - now);
    now = after;
  }
  return runsMs;
}

const workload = WORKLOADS[process.argv[2] ?? ''];
if (!workload) throw new Error(`no workload ${process.argv[2]}`);
const run = await prepare(await createEngine({ device: 'cpu' }), workload);
await repeat(run, WARM_UP_MS, WARM_UP_RUNS);
process.on('disconnect', () => process.exit(0));
process.on('message', ({ milliseconds }: BareTask) => {
  void repeat(run, milliseconds).then((runsMs) => report({ runsMs }));
});
report({ isReady: true });
