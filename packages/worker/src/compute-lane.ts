/**
 * File 3 of one step: awaits parameters v, cuts the rows of each lane, makes masks, runs the engine, pre-sums aligned
 * subtrees and yields gradient frames. The sum is the tree of the next file: packages/protocol/src/core/lanes/reduction-tree.ts.
 */
import {
  type GradientFrame,
  inTurns,
  type LaneSums,
  type StepCommand__Output,
  type WantedVersion,
} from '@lockstep/protocol';
import {
  addInPieces,
  alignedRanges,
  cutLane,
  frameRanges,
  isEmptyLane,
  type LaneRange,
  LockstepError,
  ReductionTree,
} from '@lockstep/protocol/core';
import type { Sampler } from './core/sampler.js';
import { addSums, type RowSums, type Scoring, sumRows } from './core/sums.js';
import type { GradientPool } from './gradient-pool.js';
import { DEFAULT_COMMAND_TIMEOUT_MS } from './limits.js';
import type { Clock, ParameterLinks } from './ports.js';
import type { RowReader } from './row-reader.js';
import type { TrainingGraph } from './training-graph.js';

/** What lanes of one job are computed with. */
export interface LanePorts {
  readonly clock: Clock;
  readonly parameters: ParameterLinks;
  readonly sampler: Sampler;
  readonly rows: RowReader;
  readonly training: TrainingGraph;
  readonly gradients: GradientPool;
  readonly scoring: Scoring;
  /** L: lanes of the job. */
  readonly laneCount: number;
  /** Told of each lane done and of each wait, for metrics. */
  readonly onPhase: (phase: 'wait_parameters' | 'compute', seconds: number) => void;
}

interface LaneValue {
  readonly gradient: Float32Array;
  readonly sums: RowSums;
  readonly computeSeconds: number;
}

/**
 * Computes the lanes of a command, one after another.
 * @yields frames in order; the last of each range of lanes carries its sums. A frame's data must be sent or copied
 *   before the next one is asked for; what is in a slot stays there until a command of a later version
 * @throws LockstepError LANE_FAILED when a later version replaced the parameters meanwhile, or what the engine says
 */
export async function* computeLanes(command: StepCommand__Output, ports: LanePorts): AsyncGenerator<GradientFrame> {
  const wanted = wantedVersion(command);
  const startMs = ports.clock.nowMs();
  const source = ports.parameters(command.host);
  ports.gradients.reclaim(command.version);
  const parameters = await source.whenComplete(wanted, command.timeoutMs || DEFAULT_COMMAND_TIMEOUT_MS);
  let waitSeconds = (ports.clock.nowMs() - startMs) / 1000;
  ports.onPhase('wait_parameters', waitSeconds);
  const batch = ports.sampler.rows(command.epoch, command.stepInEpoch);
  const isSkipped = (lane: number): boolean => isEmptyLane(lane, ports.laneCount, batch.length);
  for (const range of alignedRanges(command.lanes, ports.laneCount, isSkipped)) {
    const value = await sumRange(range, { command, parameters, batch, isSkipped }, ports);
    let slot = 0;
    try {
      if (!source.holds(wanted)) throw replaced(command);
      if (command.host) slot = ports.gradients.lend(value.gradient, command.version);
      yield* slot > 0
        ? [inPlace(command, range, value, waitSeconds, slot)]
        : frames(command, range, value, waitSeconds);
    } finally {
      if (slot === 0) ports.gradients.release(value.gradient);
    }
    waitSeconds = 0;
  }
}

/** The version of the parameters that a command names. */
export function wantedVersion(
  command: Pick<StepCommand__Output, 'leadershipEpoch' | 'version' | 'parameterDigest'>,
): WantedVersion {
  const { leadershipEpoch, version, parameterDigest } = command;
  return { leadershipEpoch, version, digest: parameterDigest };
}

interface StepContext {
  readonly command: StepCommand__Output;
  readonly parameters: Float32Array;
  readonly batch: Uint32Array;
  readonly isSkipped: (lane: number) => boolean;
}

/** Sum over a node of the tree. The tree's shape depends on sizes only, so a node is a tree of its own. */
async function sumRange(range: LaneRange, step: StepContext, ports: LanePorts): Promise<LaneValue> {
  const additions: { readonly into: Float32Array; readonly from: Float32Array }[] = [];
  const add = (left: LaneValue, right: LaneValue): LaneValue => {
    additions.push({ into: left.gradient, from: right.gradient });
    return {
      gradient: left.gradient,
      sums: addSums(left.sums, right.sums),
      computeSeconds: left.computeSeconds + right.computeSeconds,
    };
  };
  const tree = new ReductionTree<LaneValue>(range.end - range.first, (lane) => step.isSkipped(range.first + lane), add);
  for (let lane = range.first; lane < range.end; lane++) {
    if (step.isSkipped(lane)) continue;
    const place = { first: lane - range.first, end: lane - range.first + 1 };
    tree.addLane(place, await computeLane(lane, step, ports));
    for (const { into, from } of additions.splice(0)) {
      await inTurns(addInPieces(into, from));
      ports.gradients.release(from);
    }
  }
  if (tree.total === null) throw new Error(`lanes ${range.first}-${range.end} gave no sum`);
  return tree.total;
}

async function computeLane(lane: number, step: StepContext, ports: LanePorts): Promise<LaneValue> {
  const { training, gradients, clock } = ports;
  const { start, end } = cutLane(lane, ports.laneCount, step.batch.length);
  const rows = end - start;
  await ports.rows.gather(step.batch.subarray(start, end), training.batch);
  const startMs = clock.nowMs();
  training.fillMasks(step.command.step, start, rows);
  const gradient = gradients.take();
  const results = await training.run(step.parameters, rows, gradient).catch((thrown: unknown) => {
    gradients.release(gradient);
    throw thrown;
  });
  const sums = sumRows(rows, results, ports.scoring);
  const computeSeconds = (clock.nowMs() - startMs) / 1000;
  ports.onPhase('compute', computeSeconds);
  return { gradient, sums, computeSeconds };
}

/** The frame of a vector that stays where it is. */
function inPlace(
  command: StepCommand__Output,
  range: LaneRange,
  value: LaneValue,
  waitSeconds: number,
  slot: number,
): GradientFrame {
  return { ...head(command, range), slot, sums: sumsOf(value, waitSeconds) };
}

function* frames(
  command: StepCommand__Output,
  range: LaneRange,
  value: LaneValue,
  waitSeconds: number,
): Generator<GradientFrame> {
  const { gradient } = value;
  for (const { start, end } of frameRanges(gradient.length)) {
    yield {
      ...head(command, range),
      startElement: start,
      data: Buffer.from(gradient.buffer, gradient.byteOffset + start * 4, (end - start) * 4),
      ...(end === gradient.length ? { sums: sumsOf(value, waitSeconds) } : {}),
    };
  }
}

function head(command: StepCommand__Output, { first, end }: LaneRange): GradientFrame {
  const { jobId, leadershipEpoch, incarnation, step, attempt, version } = command;
  return { jobId, leadershipEpoch, incarnation, step, attempt, version, firstLane: first, endLane: end };
}

function sumsOf({ sums, computeSeconds }: LaneValue, waitParametersSeconds: number): LaneSums {
  return { ...sums, state: [], computeSeconds, waitParametersSeconds };
}

function replaced({ step, version }: StepCommand__Output): LockstepError {
  const message = `Version ${version} was replaced by a later one while a lane of step ${step} was computed.`;
  return new LockstepError('LANE_FAILED', { message });
}
