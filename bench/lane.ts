/** One lane of a workload on an engine: forward and backward of its training graph, without communication. */
import type { Engine } from '@lockstep/engine';
import { encodeModel, initializeParameters } from '@lockstep/model';
import { TrainingGraph } from '../packages/worker/src/training-graph.js';
import { featureOf, planOf, targetOf, WORKERS, type Workload } from './workloads.ts';

/** The graph with one lane's rows in its memory, as a worker holds it. @returns what computes the lane once */
export async function prepareLane(engine: Engine, workload: Workload): Promise<() => Promise<void>> {
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

/** Computes it again and again. @returns milliseconds of each run */
export async function repeat(run: () => Promise<void>, milliseconds: number, atLeast = 1): Promise<number[]> {
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
