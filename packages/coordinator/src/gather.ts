/** Collects gradient frames of one step and sums them in the fixed tree. Every bound is checked before a byte is kept. */
import { crc32 } from 'node:zlib';
import { type GradientFrame__Output, inTurns } from '@lockstep/protocol';
import {
  addInPieces,
  atOnce,
  formatOfNode,
  type GradientFormat,
  type LaneCodec,
  type LaneDecoder,
  type LaneRange,
  LockstepError,
  PIECE_ELEMENTS,
  ReductionTree,
  roundOperand,
} from '@lockstep/protocol/core';
import { lifeOf, type WorkerKey } from './core/lane-state.js';

/** Sums that come with a gradient, in float64. */
export interface StepSums {
  readonly denominator: number;
  readonly loss: number;
  readonly metric: number;
  readonly rows: number;
}

/** A gradient with its sums. */
export interface LaneValue {
  readonly gradient: Float32Array;
  readonly sums: StepSums;
}

/** The sum over all lanes; the last addition is left to whoever reads it. */
export interface LaneSum {
  /** One or two vectors. */
  readonly gradients: readonly Float32Array[];
  readonly sums: StepSums;
}

interface Arriving {
  readonly buffer: Float32Array;
  readonly range: LaneRange;
  received: number;
  /** Of a lane that comes as codes. */
  readonly decoder: LaneDecoder | null;
  sums: StepSums | null;
}

/** Finds the vector in a worker's slot. @throws LockstepError PROTOCOL_VIOLATION where there is none */
export type FindSlot = (worker: WorkerKey, slot: number) => Float32Array;

/**
 * Where gradients lie: in the vector that becomes the next version, in buffers that are used again from step to step, or
 * where a worker has left them.
 */
export class GradientBuffers {
  readonly #elementCount: number;
  readonly #next: (() => Float32Array) | null;
  #isNextFree = false;
  readonly #free: Float32Array[] = [];
  readonly #own = new WeakSet<Float32Array>();
  /** A vector in a worker's slot; it is ours from its frame on until that worker hears of a later version. */
  readonly inSlot: FindSlot;

  /** @param next finds the vector that the next version comes to. @default none, which nothing is kept in then */
  constructor(elementCount: number, inSlot: FindSlot, next: (() => Float32Array) | null = null) {
    this.#elementCount = elementCount;
    this.#next = next;
    this.inSlot = inSlot;
  }

  /** Begins a step, of which one gradient may lie where the next version comes until the update writes over it. */
  begin(): void {
    this.#isNextFree = this.#next !== null;
  }

  take(): Float32Array {
    if (this.#next && this.#isNextFree) {
      this.#isNextFree = false;
      return this.#next();
    }
    const free = this.#free.pop();
    if (free) return free;
    const buffer = new Float32Array(this.#elementCount);
    this.#own.add(buffer);
    return buffer;
  }

  /** Takes a buffer back; a worker's slot is none, nor is the vector of the next version. */
  give(buffer: Float32Array): void {
    if (this.#own.has(buffer)) this.#free.push(buffer);
  }
}

/** What lanes are summed by. */
export interface LaneTree {
  readonly laneCount: number;
  readonly isSkipped: (lane: number) => boolean;
  readonly format: GradientFormat;
  /** What lanes that travel alone come as. @default null: their vectors */
  readonly codec?: LaneCodec | null;
}

/** The gather phase of one step. */
export class Gather {
  readonly #arriving = new Map<string, Arriving>();
  readonly #buffers: GradientBuffers;
  readonly #tree: ReductionTree<LaneValue>;
  readonly #laneCount: number;
  readonly #format: GradientFormat;
  readonly #codec: LaneCodec | null;
  readonly #onAccepted: ((range: LaneRange, value: LaneValue) => void) | null;
  /** What is left to be added to the total. */
  #lastOperand: Float32Array | null = null;
  /** Settles when everything that was to be added is added. */
  #adding: Promise<void> = Promise.resolve();
  /** Checksums of accepted ranges that another worker computes as well. */
  readonly #contested = new Map<string, number>();
  /** Slots that this step's vectors lie in. */
  readonly #slots = new Set<Float32Array>();

  /** @param onAccepted sees each accepted range, as it is added to others */
  constructor(
    buffers: GradientBuffers,
    { laneCount, isSkipped, format, codec = null }: LaneTree,
    onAccepted: ((range: LaneRange, value: LaneValue) => void) | null = null,
  ) {
    this.#onAccepted = onAccepted;
    this.#buffers = buffers;
    buffers.begin();
    this.#laneCount = laneCount;
    this.#format = format;
    this.#codec = codec;
    this.#tree = new ReductionTree<LaneValue>(laneCount, isSkipped, (left, right, { first, end }) => {
      if (end - first === laneCount) this.#lastOperand = right.gradient;
      else this.#add(left.gradient, right.gradient);
      return { gradient: left.gradient, sums: addSums(left.sums, right.sums) };
    });
  }

  /** Keeps a frame. @returns its range once the last frame is there. @throws LockstepError PROTOCOL_VIOLATION */
  take(worker: WorkerKey, frame: GradientFrame__Output): LaneRange | null {
    const range = { first: frame.firstLane, end: frame.endLane };
    if (range.end > this.#laneCount || range.first >= range.end || !this.#tree.isNode(range)) {
      throw violation(`lanes ${range.first}-${range.end} are no node of the tree over ${this.#laneCount}`);
    }
    const key = keyOf(worker, frame.attempt, range);
    const known = this.#arriving.get(key);
    const arriving = frame.slot > 0 ? this.#inPlace(worker, frame, range) : (known ?? this.#begin(range));
    if (known && frame.slot > 0) throw violation('a gradient comes twice');
    this.#arriving.set(key, arriving);
    if (frame.slot === 0) this.#copy(frame, arriving);
    if (!frame.sums) return null;
    if (arriving.received !== arriving.buffer.length) throw violation('a gradient is shorter than the parameters');
    const { denominator, loss, metric, rows } = frame.sums;
    arriving.sums = { denominator, loss, metric, rows };
    return range;
  }

  #begin(range: LaneRange): Arriving {
    const buffer = this.#buffers.take();
    const decoder = this.#codec && range.end - range.first === 1 ? this.#codec.decoder(buffer) : null;
    return { buffer, range, received: 0, decoder, sums: null };
  }

  #copy(frame: GradientFrame__Output, arriving: Arriving): void {
    const { decoder, buffer, range } = arriving;
    if (!decoder) {
      copyData(frame, arriving, formatOfNode(this.#format, range, this.#laneCount));
      return;
    }
    const codeBytes = this.#codec?.codeBytes ?? 0;
    if (frame.startElement !== decoder.received) throw violation('a frame is out of order');
    if (decoder.received + frame.data.length > codeBytes) throw violation('a gradient has more bytes than its codes');
    decoder.take(frame.data);
    if (decoder.received === codeBytes) arriving.received = buffer.length;
  }

  /** What lies whole in a worker's slot. */
  #inPlace(worker: WorkerKey, { slot, data, sums }: GradientFrame__Output, range: LaneRange): Arriving {
    const buffer = this.#buffers.inSlot(worker, slot);
    if (data.length > 0 || !sums) throw violation(`slot ${slot} is named without sums, or with data`);
    if (this.#slots.has(buffer)) throw violation(`slot ${slot} is named twice in a step`);
    this.#slots.add(buffer);
    return { buffer, range, received: buffer.length, decoder: null, sums: null };
  }

  /** Adds a complete range to the sum. @param isContested keeps what is needed to compare another worker's answer */
  accept(worker: WorkerKey, attempt: number, range: LaneRange, isContested = false): void {
    const arriving = this.#remove(worker, attempt, range);
    if (!arriving?.sums) throw new Error(`lanes ${range.first}-${range.end} were accepted before they were complete`);
    if (isContested || this.#onAccepted) this.#round(arriving);
    if (isContested) this.#contested.set(nameOf(range), checksumOf(arriving.buffer));
    const value = { gradient: arriving.buffer, sums: arriving.sums };
    this.#onAccepted?.(range, value);
    this.#tree.addLane(range, value);
  }

  /** Throws a range away. @returns false where another worker gave other bits for the same lanes */
  discard(worker: WorkerKey, attempt: number, range: LaneRange): boolean {
    const arriving = this.#remove(worker, attempt, range);
    if (!arriving) return true;
    const known = this.#contested.get(nameOf(range));
    if (known !== undefined) this.#round(arriving);
    const isEqual = known === undefined || known === checksumOf(arriving.buffer);
    this.#buffers.give(arriving.buffer);
    return isEqual;
  }

  /** What lies in a slot is as the worker computed it; what travelled is rounded. */
  #round({ buffer, range }: Arriving): void {
    roundOperand(buffer, formatOfNode(this.#format, range, this.#laneCount));
  }

  /** Throws away what a lost worker had begun. */
  forget(worker: WorkerKey): void {
    for (const [key, arriving] of this.#arriving) {
      if (!key.startsWith(`${lifeOf(worker)}#`)) continue;
      this.#arriving.delete(key);
      this.#buffers.give(arriving.buffer);
    }
  }

  /** The sum over all lanes. @throws Error before every lane has arrived */
  async total(): Promise<LaneSum> {
    const total = this.#tree.total;
    if (!total) throw new Error('lanes are missing');
    for (const arriving of this.#arriving.values()) this.#buffers.give(arriving.buffer);
    this.#arriving.clear();
    await this.#adding;
    const { gradient, sums } = total;
    return { gradients: this.#lastOperand ? [gradient, this.#lastOperand] : [gradient], sums };
  }

  /** Settles when nothing is added any more, so that vectors in slots may be written again. */
  settled(): Promise<void> {
    return this.#adding;
  }

  /** Long vectors are added one after another, in the order of the tree, while other frames are taken. */
  #add(into: Float32Array, from: Float32Array): void {
    if (into.length <= PIECE_ELEMENTS) {
      atOnce(addInPieces(into, from, this.#format));
      this.#buffers.give(from);
      return;
    }
    this.#adding = this.#adding.then(async () => {
      await inTurns(addInPieces(into, from, this.#format));
      this.#buffers.give(from);
    });
  }

  #remove(worker: WorkerKey, attempt: number, range: LaneRange): Arriving | undefined {
    const key = keyOf(worker, attempt, range);
    const arriving = this.#arriving.get(key);
    this.#arriving.delete(key);
    return arriving;
  }
}

function copyData({ data, startElement }: GradientFrame__Output, arriving: Arriving, format: GradientFormat): void {
  const { buffer, received } = arriving;
  const elements = data.length / format.elementBytes;
  if (startElement !== received || !Number.isInteger(elements)) throw violation('a frame is out of order');
  if (received + elements > buffer.length) throw violation('a gradient is longer than the parameters');
  format.decode(data, buffer.subarray(received, received + elements));
  arriving.received += elements;
}

function addSums(left: StepSums, right: StepSums): StepSums {
  return {
    denominator: left.denominator + right.denominator,
    loss: left.loss + right.loss,
    metric: left.metric + right.metric,
    rows: left.rows + right.rows,
  };
}

function nameOf({ first, end }: LaneRange): string {
  return `${first}-${end}`;
}

function checksumOf(gradient: Float32Array): number {
  return crc32(new Uint8Array(gradient.buffer, gradient.byteOffset, gradient.byteLength));
}

function keyOf(worker: WorkerKey, attempt: number, range: LaneRange): string {
  return `${lifeOf(worker)}#${attempt}#${nameOf(range)}`;
}

function violation(what: string): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', { message: `A worker sent a gradient that cannot be used: ${what}.` });
}
