/** What a worker sends of a node of the tree: frames with its bytes, or one that says where they lie. */
import type { GradientFrame, LaneSums, StepCommand__Output } from '@lockstep/protocol';
import { type Encode, formatOfNode, frameRanges, type GradientFormat, type LaneRange } from '@lockstep/protocol/core';
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

/** Cuts vectors that travel into frames. */
export class GradientFrames {
  /** What operands of the reduction tree are rounded to. */
  readonly format: GradientFormat;
  readonly #laneCount: number;
  readonly #encoders = new Map<GradientFormat, Encode>();
  readonly #elementCount: number;

  constructor(format: GradientFormat, elementCount: number, laneCount: number) {
    this.format = format;
    this.#elementCount = elementCount;
    this.#laneCount = laneCount;
  }

  /** The frames of a node; the last one carries the sums. Their bytes stay until those of another node are asked for. */
  *of(command: StepCommand__Output, range: LaneRange, value: LaneValue, waitSeconds: number): Generator<GradientFrame> {
    const { gradient } = value;
    const format = formatOfNode(this.format, range, this.#laneCount);
    const encode = this.#encoder(format);
    for (const { start, end } of frameRanges(gradient.length, format.elementBytes)) {
      const { buffer, byteOffset, byteLength } = encode(gradient, { start, end });
      const frame = head(command, range);
      frame.startElement = start;
      frame.data = Buffer.from(buffer, byteOffset, byteLength);
      if (end === gradient.length) frame.sums = sumsOf(value, waitSeconds);
      yield frame;
    }
  }

  #encoder(format: GradientFormat): Encode {
    const encode = this.#encoders.get(format) ?? format.encoder(this.#elementCount);
    this.#encoders.set(format, encode);
    return encode;
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
