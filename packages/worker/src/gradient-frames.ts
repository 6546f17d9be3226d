/** What a worker sends of a node of the tree: frames with its bytes, or one that says where they lie. */
import type { GradientFrame, LaneSums, StepCommand__Output } from '@lockstep/protocol';
import { frameRanges, type LaneRange } from '@lockstep/protocol/core';
import type { RowSums } from './core/sums.js';

/** Sum over a lane or a node of lanes. */
export interface LaneValue {
  readonly gradient: Float32Array;
  readonly sums: RowSums;
  readonly computeSeconds: number;
}

/** The frame of a vector that stays where it is. */
export function inPlace(
  command: StepCommand__Output,
  range: LaneRange,
  value: LaneValue,
  waitSeconds: number,
  slot: number,
): GradientFrame {
  const frame = head(command, range);
  frame.slot = slot;
  frame.sums = sumsOf(value, waitSeconds);
  return frame;
}

/** The frames of a vector that travels; the last one carries the sums. */
export function* frames(
  command: StepCommand__Output,
  range: LaneRange,
  value: LaneValue,
  waitSeconds: number,
): Generator<GradientFrame> {
  const { gradient } = value;
  for (const { start, end } of frameRanges(gradient.length)) {
    const frame = head(command, range);
    frame.startElement = start;
    frame.data = Buffer.from(gradient.buffer, gradient.byteOffset + start * 4, (end - start) * 4);
    if (end === gradient.length) frame.sums = sumsOf(value, waitSeconds);
    yield frame;
  }
}

function head(command: StepCommand__Output, { first, end }: LaneRange): GradientFrame {
  const { jobId, leadershipEpoch, incarnation, step, attempt, version } = command;
  return { jobId, leadershipEpoch, incarnation, step, attempt, version, firstLane: first, endLane: end };
}

function sumsOf({ sums, computeSeconds }: LaneValue, waitParametersSeconds: number): LaneSums {
  const { denominator, loss, metric, rows } = sums;
  return { denominator, loss, metric, rows, state: [], computeSeconds, waitParametersSeconds };
}
