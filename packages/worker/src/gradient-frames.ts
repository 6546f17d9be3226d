/** What a worker sends of a node of the tree: frames with its bytes or codes, or one that says where they lie. */
import type { GradientFrame, LaneSums, StepCommand__Output } from '@lockstep/protocol';
import {
  alignedRanges,
  type Encode,
  formatOfNode,
  frameRanges,
  type GradientFormat,
  type LaneCodec,
  type LaneRange,
} from '@lockstep/protocol/core';
import type { RowSums } from './core/sums.js';

/** What is sent of a node. */
export interface SentValue {
  /** Null where codes say it all. */
  readonly gradient: Float32Array | null;
  /** Of a lane that was encoded; they stay until it is encoded again. A sum has none. */
  readonly codes?: Uint8Array;
  readonly sums: RowSums;
  readonly computeSeconds: number;
}

/** Sum over a lane or a node of lanes. */
export interface LaneValue extends SentValue {
  readonly gradient: Float32Array;
}

/** The frame of a vector that stays where it is. */
export function inPlace(
  command: StepCommand__Output,
  range: LaneRange,
  value: SentValue,
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
  readonly #codec: LaneCodec | null;
  readonly #encoders = new Map<GradientFormat, Encode>();
  readonly #elementCount: number;

  constructor(
    { format, codec }: { readonly format: GradientFormat; readonly codec: LaneCodec | null },
    elementCount: number,
    laneCount: number,
  ) {
    this.format = format;
    this.#codec = codec;
    this.#elementCount = elementCount;
    this.#laneCount = laneCount;
  }

  /** Nodes that lanes are sent as: the largest ones, or each lane alone where its codes are shorter than the sum. */
  nodes(lanes: readonly number[], isSkipped: (lane: number) => boolean, isInPlace: boolean): LaneRange[] {
    const ranges = alignedRanges(lanes, this.#laneCount, isSkipped);
    const codec = this.#codec;
    if (!codec || isInPlace) return ranges;
    return ranges.flatMap((range) => {
      const inside = lanes.filter((lane) => lane >= range.first && lane < range.end);
      const isShorter = inside.length * codec.codeBytes < this.#elementCount * Float32Array.BYTES_PER_ELEMENT;
      return isShorter ? inside.map((lane) => ({ first: lane, end: lane + 1 })) : [range];
    });
  }

  /** The frames of a node; the last one carries the sums. Their bytes stay until those of another node are asked for. */
  *of(command: StepCommand__Output, range: LaneRange, value: SentValue, waitSeconds: number): Generator<GradientFrame> {
    const { gradient, codes } = value;
    if (this.#codec && codes) {
      const { frameBytes } = this.#codec;
      for (let start = 0; start < codes.length; start += frameBytes) {
        const bytes = codes.subarray(start, start + frameBytes);
        const isLast = start + frameBytes >= codes.length;
        yield this.#frame(command, range, { start, bytes, sums: isLast ? sumsOf(value, waitSeconds) : null });
      }
      return;
    }
    if (!gradient) throw new Error('a value has a vector or codes');
    const format = formatOfNode(this.format, range, this.#laneCount);
    const encode = this.#encoder(format);
    for (const { start, end } of frameRanges(gradient.length, format.elementBytes)) {
      const bytes = encode(gradient, { start, end });
      const isLast = end === gradient.length;
      yield this.#frame(command, range, { start, bytes, sums: isLast ? sumsOf(value, waitSeconds) : null });
    }
  }

  #frame(
    command: StepCommand__Output,
    range: LaneRange,
    part: { readonly start: number; readonly bytes: Uint8Array; readonly sums: LaneSums | null },
  ): GradientFrame {
    const { buffer, byteOffset, byteLength } = part.bytes;
    const frame = head(command, range);
    frame.startElement = part.start;
    frame.data = Buffer.from(buffer, byteOffset, byteLength);
    if (part.sums) frame.sums = part.sums;
    return frame;
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

function sumsOf({ sums, computeSeconds }: SentValue, waitParametersSeconds: number): LaneSums {
  const { denominator, loss, metric, rows } = sums;
  return { denominator, loss, metric, rows, state: [], computeSeconds, waitParametersSeconds };
}
