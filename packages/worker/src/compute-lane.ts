/**
 * File 3 of one step: awaits parameters v, cuts the rows of each lane, makes masks, runs the engine, pre-sums aligned
 * subtrees and yields gradient frames. The sum is the tree of the next file: packages/protocol/src/core/lanes/reduction-tree.ts.
 */
import { type GradientFrame, inTurns, type StepCommand__Output } from '@lockstep/protocol';
import {
  addInPieces,
  cutLane,
  isEmptyLane,
  type LaneRange,
  LockstepError,
  ReductionTree,
} from '@lockstep/protocol/core';
import type { Sampler } from './core/sampler.js';
import { addSums, type Scoring, sumRows } from './core/sums.js';
import type { CurrentActivity } from './current-activity.js';
import { type GradientFrames, inPlace, type LaneValue, type SentValue } from './gradient-frames.js';
import type { GradientPool } from './gradient-pool.js';
import { DEFAULT_COMMAND_TIMEOUT_MS } from './limits.js';
import type { Clock, ParameterLinks } from './ports.js';
import type { Replicas } from './replicas.js';
import type { Residuals } from './residuals.js';
import type { RowReader } from './row-reader.js';
import type { TrainingGraph } from './training-graph.js';
import { wantedVersion } from './wanted-version.js';

/** What lanes of one job are computed with. */
export interface LanePorts {
  readonly clock: Clock;
  readonly parameters: ParameterLinks;
  readonly sampler: Sampler;
  readonly rows: RowReader;
  readonly replicas: Replicas;
  readonly gradients: GradientPool;
  readonly frames: GradientFrames;
  /** Null where lanes have none: they send all of their gradients. */
  readonly residuals: Residuals | null;
  readonly scoring: Scoring;
  /** L: lanes of the job. */
  readonly laneCount: number;
  /** Told of each lane done and of each wait, for metrics. */
  readonly onPhase: (phase: 'wait_parameters' | 'compute', seconds: number) => void;
}

/**
 * Computes the lanes of a command, in order, as many at once as there are replicas.
 * @yields frames in order; the last of each range of lanes carries its sums. A frame's data must be sent or copied
 *   before the next one is asked for; what is in a slot stays there until a command of a later version
 * @throws LockstepError LANE_FAILED when a later version replaced the parameters meanwhile, or what the engine says
 */
export async function* computeLanes(
  command: StepCommand__Output,
  ports: LanePorts,
  activity: Pick<CurrentActivity, 'enter'>,
): AsyncGenerator<GradientFrame> {
  const wanted = wantedVersion(command);
  const startMs = ports.clock.nowMs();
  const source = ports.parameters(command.host);
  ports.gradients.reclaim(command.version);
  const parameters = await source.whenComplete(wanted, command.timeoutMs || DEFAULT_COMMAND_TIMEOUT_MS);
  await ports.residuals?.prepare(command);
  let waitSeconds = (ports.clock.nowMs() - startMs) / 1000;
  ports.onPhase('wait_parameters', waitSeconds);
  const batch = ports.sampler.rows(command.epoch, command.stepInEpoch);
  const isSkipped = (lane: number): boolean => isEmptyLane(lane, ports.laneCount, batch.length);
  const step: StepContext = { command, parameters, batch, isSkipped, activity, stopped: null };
  const ranges = ports.frames.nodes(command.lanes, isSkipped, command.host);
  const sums = ranges.map((range) => ({
    range,
    sum: sumRange(range, step, ports).then((value) => toSend(value, step, ports)),
  }));
  const ended = Promise.allSettled(sums.map(({ sum }) => sum));
  let taken = 0;
  try {
    for (const { range, sum } of sums) {
      const value = await sum;
      taken++;
      let slot = 0;
      try {
        if (!source.holds(wanted)) throw replaced(command);
        if (command.host && value.gradient) slot = ports.gradients.lend(value.gradient, command.version);
        yield* slot > 0
          ? [inPlace(command, range, value, waitSeconds, slot)]
          : ports.frames.of(command, range, value, waitSeconds);
      } finally {
        if (slot === 0) release(value, ports);
      }
      waitSeconds = 0;
    }
  } finally {
    step.stopped ??= { why: null };
    for (const end of (await ended).slice(taken)) {
      if (end.status === 'fulfilled') release(end.value, ports);
    }
  }
}

/** Where codes travel, their vector is free for the next lane. */
function toSend(value: LaneValue, { command }: StepContext, ports: LanePorts): SentValue {
  if (command.host || !value.codes) return value;
  release(value, ports);
  return { ...value, gradient: null };
}

function release({ gradient }: SentValue, ports: LanePorts): void {
  if (gradient) ports.gradients.release(gradient);
}

interface StepContext {
  readonly command: StepCommand__Output;
  readonly parameters: Float32Array;
  readonly batch: Uint32Array;
  readonly isSkipped: (lane: number) => boolean;
  readonly activity: Pick<CurrentActivity, 'enter'>;
  /** Set when a lane fails or nobody wants the rest: lanes that have not begun don't. */
  stopped: { readonly why: unknown } | null;
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
  const held = new Set<Float32Array>();
  const release = (gradient: Float32Array): void => {
    held.delete(gradient);
    ports.gradients.release(gradient);
  };
  const addUp = async (): Promise<void> => {
    for (const { into, from } of additions.splice(0)) {
      await inTurns(addInPieces(into, from, ports.frames.format));
      release(from);
    }
  };
  let adding = Promise.resolve();
  const lanes = Array.from({ length: range.end - range.first }, (_, index) => range.first + index).filter(
    (lane) => !step.isSkipped(lane),
  );
  const compute = async (lane: number, training: TrainingGraph): Promise<void> => {
    if (step.stopped) throw step.stopped.why;
    const place = { first: lane - range.first, end: lane - range.first + 1 };
    // A node's sum lies where the gradient of its first lane does.
    const gradient = ports.gradients.take(lane === lanes[0]);
    held.add(gradient);
    tree.addLane(place, await computeLane(lane, step, training, gradient, ports));
    adding = adding.then(addUp);
    await adding;
  };
  const results = await Promise.allSettled(
    lanes.map((lane) =>
      ports.replicas
        .run((training) => compute(lane, training))
        .catch((thrown: unknown) => {
          step.stopped ??= { why: thrown };
          throw thrown;
        }),
    ),
  );
  if (results.some(({ status }) => status === 'rejected')) {
    await adding;
    held.forEach(release);
    throw step.stopped?.why;
  }
  if (tree.total === null) throw new Error(`lanes ${range.first}-${range.end} gave no sum`);
  return tree.total;
}

async function computeLane(
  lane: number,
  step: StepContext,
  training: TrainingGraph,
  gradient: Float32Array,
  { clock, ...ports }: LanePorts,
): Promise<LaneValue> {
  const { start, end } = cutLane(lane, ports.laneCount, step.batch.length);
  const rows = end - start;
  step.activity.enter('rows');
  await ports.rows.gather(step.batch.subarray(start, end), training.batch);
  step.activity.enter('compute');
  const startMs = clock.nowMs();
  training.fillMasks(step.command.step, start, rows);
  const results = await training.run(step.parameters, rows, gradient);
  const sums = sumRows(rows, results, ports.scoring);
  const codes = await ports.residuals?.encode(lane, step.command.version, gradient);
  const computeSeconds = (clock.nowMs() - startMs) / 1000;
  ports.onPhase('compute', computeSeconds);
  return { gradient, sums, computeSeconds, ...(codes ? { codes } : {}) };
}

function replaced({ step, version }: StepCommand__Output): LockstepError {
  const message = `Version ${version} was replaced by a later one while a lane of step ${step} was computed.`;
  return new LockstepError('LANE_FAILED', { message });
}
