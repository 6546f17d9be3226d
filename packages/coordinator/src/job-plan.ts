/** All that a worker needs of a job, as one message. */
import type { PreparedData, ShardFile } from '@lockstep/data';
import { encodeModel, type ModelPlan } from '@lockstep/model';
import { type HostOffer, type JobPlan, type NatsUser, parameterSubject } from '@lockstep/protocol';
import { SAMPLER_V1 } from '@lockstep/protocol/core';
import type { ResolvedJobSpec } from '@lockstep/spec';
import { namedGradients } from './job-gradients.js';
import { EVALUATION_CHUNK_ROWS } from './limits.js';

/** What a plan is made from. */
export interface PlanOptions {
  readonly jobId: string;
  readonly leadershipEpoch: number;
  readonly spec: ResolvedJobSpec;
  readonly data: PreparedData;
  readonly plan: ModelPlan;
  readonly batchSize: number;
  /** Memory that workers of this machine may map; null without. */
  readonly host: HostOffer | null;
  /** As whom workers hear the broadcast; null where they log in by themselves. */
  readonly natsLogin: NatsUser | null;
}

/** The plan of a job. */
export function jobPlan({
  jobId,
  leadershipEpoch,
  spec,
  data,
  plan,
  batchSize,
  host,
  natsLogin,
}: PlanOptions): JobPlan {
  const { shards } = data;
  const gradients = namedGradients(spec.train.gradients);
  return {
    jobId,
    leadershipEpoch,
    trainingGraph: encodeModel(plan.trainingGraph),
    evaluationGraph: encodeModel(plan.evaluationGraph),
    layout: {
      elementCount: plan.layout.elementCount,
      tensors: plan.layout.tensors.map(({ name, shape, start, trainable }) => ({
        ...{ name, shape: [...shape], startElement: start, trainable },
      })),
    },
    masks: plan.masks.map(({ input, layer, width, rate }) => ({ input, layer, width, rate })),
    seed: spec.train.seed,
    batchSize,
    lanes: spec.train.lanes,
    threadsPerLane: spec.train.threadsPerLane,
    trainRows: data.rows.train,
    featureWidth: data.featureWidth,
    trainShards: shards.train.map(shardInfo),
    validationShards: shards.validation.map(shardInfo),
    testShards: shards.testRaw.map(shardInfo),
    testPreparedShards: shards.testPrepared.map(shardInfo),
    task: spec.task,
    outputWidth: plan.outputWidth,
    parameterSubject: parameterSubject(jobId),
    evaluationChunkRows: EVALUATION_CHUNK_ROWS,
    sampler: SAMPLER_V1,
    outputIsLogits: plan.outputIsLogits,
    host,
    natsLogin,
    gradients: gradients.name,
    topKFraction: gradients.fraction,
  };
}

function shardInfo({ name, firstRow, rowCount, bytes, sha256 }: ShardFile) {
  return { name, firstRow, rowCount, bytes, sha256 };
}
