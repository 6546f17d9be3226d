/** Tests of the gather phase: refused frames, and the same bits in any order of arrival. */
import type { GradientFrame__Output } from '@lockstep/protocol';
import {
  addFloat32,
  addInPieces,
  alignedRanges,
  atOnce,
  GRADIENT_FORMATS,
  type GradientFormat,
  type LaneCodec,
  type LaneRange,
  LockstepError,
  laneCodec,
  PIECE_ELEMENTS,
} from '@lockstep/protocol/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkerKey } from './core/lane-state.js';
import { type FindSlot, Gather, GradientBuffers, type LaneSum, type LaneTree, type LaneValue } from './gather.js';

const ELEMENTS = 16;
const worker: WorkerKey = { workerId: 'w0', incarnation: 1 };
const none = (): boolean => false;

/** Values whose float32 sum depends on the order of the additions. */
function gradientOf(lane: number): Float32Array {
  return Float32Array.from(
    { length: ELEMENTS },
    (_, index) => ((lane * 37 + index * 11) % 19) * 10 ** ((lane % 5) - 2),
  );
}

function frame(
  range: LaneRange,
  values: Float32Array,
  options: { start?: number; attempt?: number; last?: boolean } = {},
): GradientFrame__Output {
  const { start = 0, attempt = 0, last = true } = options;
  const sums = { denominator: 1 / (1 + range.first), loss: 0.1 * (1 + range.first), metric: 1, rows: 8 };
  return {
    ...{ jobId: 'job', leadershipEpoch: 1, incarnation: 1, step: 0, attempt, version: 0 },
    ...{ firstLane: range.first, endLane: range.end, startElement: start, slot: 0 },
    data: Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    sums: last ? sums : null,
  } as GradientFrame__Output;
}

function noSlot(): Float32Array {
  throw new Error('no worker has slots here');
}

function treeOf(laneCount: number, format = GRADIENT_FORMATS.float32): LaneTree {
  return { laneCount, isSkipped: none, format };
}

function newGather(laneCount = 4, inSlot: FindSlot = noSlot): Gather {
  return new Gather(new GradientBuffers(ELEMENTS, inSlot), treeOf(laneCount));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    return LockstepError.from(thrown).code;
  }
  return 'nothing was thrown';
}

function arrive(gather: Gather, lane: number): void {
  const range = { first: lane, end: lane + 1 };
  expect(gather.take(worker, frame(range, gradientOf(lane)))).toEqual(range);
  gather.accept(worker, 0, range);
}

function gradientSum({ gradients }: LaneSum): Float32Array {
  return gradients.map((gradient): Float32Array => gradient.slice()).reduce((left, right) => addFloat32(left, right));
}

function bitsOf(total: LaneSum): unknown {
  return { words: [...new Uint32Array(gradientSum(total).buffer)], sums: total.sums };
}

/** A node's sum as a worker with all its lanes makes it. */
function preSum(lanes: readonly number[], format: GradientFormat): Float32Array {
  const [first, second] = lanes.map(gradientOf);
  if (!first) throw new Error('a node has lanes');
  if (second) atOnce(addInPieces(first, second, format));
  return first;
}

const HALVES = [GRADIENT_FORMATS.bfloat16, GRADIENT_FORMATS.float16];

describe('Gather', () => {
  const lane = { first: 0, end: 1 };
  const half = gradientOf(0).subarray(0, ELEMENTS / 2);

  it('A29 compares the answers of two workers for the same lanes', () => {
    const twin: WorkerKey = { workerId: 'w1', incarnation: 1 };
    const other = Float32Array.from(gradientOf(0), (value, index) => (index === 3 ? value * (1 + 2 ** -23) : value));
    for (const [values, isEqual] of [
      [gradientOf(0), true],
      [other, false],
    ] as const) {
      const gather = newGather(2);
      gather.take(worker, frame(lane, gradientOf(0)));
      gather.accept(worker, 0, lane, true);
      gather.take(twin, frame(lane, values));
      expect(gather.discard(twin, 0, lane)).toBe(isEqual);
    }
  });

  it('puts the frames of a range together', async () => {
    const gather = newGather(1);
    const whole = gradientOf(0);
    expect(gather.take(worker, frame(lane, whole.subarray(0, 6), { last: false }))).toBeNull();
    expect(gather.take(worker, frame(lane, whole.subarray(6), { start: 6 }))).toEqual(lane);
    gather.accept(worker, 0, lane);
    expect(gradientSum(await gather.total())).toEqual(whole);
    expect((await gather.total()).sums).toEqual({ denominator: 1, loss: 0.1, metric: 1, rows: 8 });
  });

  it('gathers one lane of each step where the next version comes, and none there afterwards', async () => {
    const versions = [new Float32Array(ELEMENTS), new Float32Array(ELEMENTS)];
    let next = versions[0]!;
    const buffers = new GradientBuffers(ELEMENTS, noSlot, () => next);
    for (next of versions) {
      const gather = new Gather(buffers, treeOf(2));
      for (const each of [1, 0]) arrive(gather, each);
      const { gradients } = await gather.total();
      expect(gradients).toEqual([gradientOf(0), gradientOf(1)]);
      expect(versions.filter((version) => gradients.includes(version))).toEqual([next]);
      for (const gradient of gradients) buffers.give(gradient);
      expect(versions).not.toContain(buffers.take());
    }
  });

  it('refuses frames that are out of order or come twice', () => {
    const skips = newGather();
    expect(codeOf(() => skips.take(worker, frame(lane, half, { start: 8 })))).toBe('PROTOCOL_VIOLATION');
    const repeats = newGather();
    repeats.take(worker, frame(lane, half, { last: false }));
    expect(codeOf(() => repeats.take(worker, frame(lane, half, { last: false })))).toBe('PROTOCOL_VIOLATION');
  });

  it('A29 refuses a gradient longer than the parameters before it writes', () => {
    const gather = newGather();
    expect(codeOf(() => gather.take(worker, frame(lane, new Float32Array(ELEMENTS + 1))))).toBe('PROTOCOL_VIOLATION');
  });

  it('A29 refuses a gradient that ends early', () => {
    expect(codeOf(() => newGather().take(worker, frame(lane, half)))).toBe('PROTOCOL_VIOLATION');
  });

  it("adds what lies in workers' slots with the bits of what travels, and keeps no slot as a buffer of its own", async () => {
    const slots = [0, 1, 2].map(gradientOf);
    const buffers = new GradientBuffers(ELEMENTS, (_worker, slot) => slots[slot - 1] as Float32Array);
    const inPlace = new Gather(buffers, treeOf(3));
    const travelled = newGather(3);
    for (const [index, slot] of slots.entries()) {
      arrive(travelled, index);
      const range = { first: index, end: index + 1 };
      const { data: _, ...rest } = frame(range, slot);
      expect(inPlace.take(worker, { ...rest, slot: index + 1, data: Buffer.alloc(0) })).toEqual(range);
      inPlace.accept(worker, 0, range);
    }
    const total = await inPlace.total();
    expect(bitsOf(total)).toEqual(bitsOf(await travelled.total()));
    for (const gradient of total.gradients) buffers.give(gradient);
    expect(slots).not.toContain(buffers.take());
  });

  it.each(HALVES)('adds $name to the same bits, whoever added before and however it came', async (format) => {
    const sums = [];
    for (const nodes of [
      [[0], [1], [2], [3], [4], [5]],
      [[0, 1], [2], [3], [4, 5]],
    ]) {
      for (const isInSlots of [true, false]) {
        const slots = nodes.map((lanes) => preSum(lanes, format));
        const buffers = new GradientBuffers(ELEMENTS, (_worker, slot) => slots[slot - 1] as Float32Array);
        const gather = new Gather(buffers, treeOf(6, format));
        for (const [index, lanes] of nodes.entries()) {
          const vector = slots[index] as Float32Array;
          const range = { first: lanes[0] as number, end: (lanes.at(-1) as number) + 1 };
          const data = Buffer.from(format.encoder(ELEMENTS)(vector, { start: 0, end: ELEMENTS }));
          const where = isInSlots ? { slot: index + 1, data: Buffer.alloc(0) } : { data };
          expect(gather.take(worker, { ...frame(range, vector), ...where })).toEqual(range);
          gather.accept(worker, 0, range);
        }
        const [left, right] = (await gather.total()).gradients;
        atOnce(addInPieces(left as Float32Array, right as Float32Array, format));
        sums.push(left);
      }
    }
    for (const sum of sums) expect(sum).toEqual(sums[0]);
    const unrounded = [0, 1, 2, 3, 4, 5].map(gradientOf).reduce((left, right) => addFloat32(left, right));
    expect(sums[0]).not.toEqual(unrounded);
  });

  it('compares what lies in a slot with what travelled in two bytes', () => {
    const [format] = HALVES as [GradientFormat, GradientFormat];
    const twin: WorkerKey = { workerId: 'w1', incarnation: 1 };
    const data = Buffer.from(format.encoder(ELEMENTS)(gradientOf(1), { start: 0, end: ELEMENTS }));
    for (const isSlotFirst of [true, false]) {
      const slot = gradientOf(1);
      const gather = new Gather(new GradientBuffers(ELEMENTS, () => slot), treeOf(2, format));
      const range = { first: 1, end: 2 };
      const frames = [
        { ...frame(range, slot), slot: 1, data: Buffer.alloc(0) },
        { ...frame(range, slot), data },
      ];
      const [first, second] = isSlotFirst ? frames : frames.reverse();
      gather.take(worker, first as GradientFrame__Output);
      gather.accept(worker, 0, range, true);
      gather.take(twin, second as GradientFrame__Output);
      expect(gather.discard(twin, 0, range)).toBe(true);
    }
  });

  it('shows lanes as an addition takes them, so that one that overflows is found in a slot too', () => {
    const slot = gradientOf(0).fill(70_000, 3, 4);
    const seen: number[] = [];
    const buffers = new GradientBuffers(ELEMENTS, () => slot);
    const gather = new Gather(buffers, treeOf(2, GRADIENT_FORMATS.float16), (_range, { gradient }) =>
      seen.push(gradient[3] as number),
    );
    gather.take(worker, { ...frame(lane, slot), slot: 1, data: Buffer.alloc(0) });
    gather.accept(worker, 0, lane);
    expect(seen).toEqual([Number.POSITIVE_INFINITY]);
  });

  it('refuses a slot that is named twice, without sums or beside data', () => {
    const found = gradientOf(0);
    const inSlot = (frames: readonly Partial<GradientFrame__Output>[]): string => {
      const gather = newGather(4, () => found);
      return codeOf(() => {
        for (const more of frames) {
          gather.take(worker, { ...frame(lane, found), slot: 1, data: Buffer.alloc(0), ...more });
        }
      });
    };
    expect(inSlot([{}, { firstLane: 1, endLane: 2 }])).toBe('PROTOCOL_VIOLATION');
    expect(inSlot([{}, { attempt: 1 }])).toBe('PROTOCOL_VIOLATION');
    expect(inSlot([{ sums: null }])).toBe('PROTOCOL_VIOLATION');
    expect(inSlot([{ data: Buffer.alloc(4) }])).toBe('PROTOCOL_VIOLATION');
    expect(inSlot([{}])).toBe('nothing was thrown');
  });

  it('refuses data that is not whole elements', () => {
    const torn = { ...frame(lane, gradientOf(0), { last: false }), data: Buffer.alloc(7) };
    expect(codeOf(() => newGather().take(worker, torn))).toBe('PROTOCOL_VIOLATION');
  });

  it.each([
    [1, 3],
    [0, 3],
    [3, 5],
    [0, 8],
    [2, 2],
    [3, 2],
  ])('refuses lanes %i to %i, which are no node of the tree over 4', (first, end) => {
    expect(codeOf(() => newGather().take(worker, frame({ first, end }, gradientOf(0))))).toBe('PROTOCOL_VIOLATION');
  });

  it('keeps attempts and incarnations apart', async () => {
    const gather = newGather(1);
    gather.take(worker, frame(lane, half, { last: false }));
    expect(gather.take(worker, frame(lane, gradientOf(3), { attempt: 1 }))).toEqual(lane);
    expect(gather.take({ ...worker, incarnation: 2 }, frame(lane, gradientOf(2)))).toEqual(lane);
    gather.discard({ ...worker, incarnation: 2 }, 0, lane);
    gather.accept(worker, 1, lane);
    expect(gradientSum(await gather.total())).toEqual(gradientOf(3));
  });

  it('forgets what a lost worker had begun, and nothing of the others', () => {
    const gather = newGather(2);
    const other = { workerId: 'w0', incarnation: 11 };
    gather.take(worker, frame(lane, half, { last: false }));
    gather.take(other, frame({ first: 1, end: 2 }, half, { last: false }));
    gather.forget(worker);
    expect(gather.take(worker, frame(lane, half, { last: false }))).toBeNull();
    const rest = frame({ first: 1, end: 2 }, gradientOf(1).subarray(8), { start: 8 });
    expect(gather.take(other, rest)).toEqual({ first: 1, end: 2 });
  });

  it('has no total before every lane has arrived, and accepts nothing incomplete', async () => {
    const gather = newGather(2);
    arrive(gather, 0);
    await expect(gather.total()).rejects.toThrow('lanes are missing');
    expect(() => gather.accept(worker, 0, { first: 1, end: 2 })).toThrow('before they were complete');
  });

  it('gives the same bits whatever the order of arrival', async () => {
    const bits = async (order: readonly number[]): Promise<unknown> => {
      const gather = newGather(order.length);
      for (const next of order) arrive(gather, next);
      return bitsOf(await gather.total());
    };
    const straight = await bits([0, 1, 2, 3, 4, 5, 6]);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), async (order) => {
        expect(await bits(order)).toEqual(straight);
      }),
    );
  });

  it('adds long vectors while the process answers others, with the same bits', async () => {
    const length = 2 * PIECE_ELEMENTS + 3;
    const lanes = [0, 1, 2].map((next) => Float32Array.from({ length }, (_, index) => (index % 97) * 10 ** (next - 1)));
    const gather = new Gather(new GradientBuffers(length, noSlot), treeOf(3));
    let turns = 0;
    const turn = (): void => {
      turns++;
      waiting = setImmediate(turn);
    };
    let waiting = setImmediate(turn);
    for (const next of [2, 0, 1]) {
      const range = { first: next, end: next + 1 };
      gather.take(worker, frame(range, lanes[next]!));
      gather.accept(worker, 0, range);
    }
    const gradient = gradientSum(await gather.total());
    clearImmediate(waiting);
    expect(turns).toBeGreaterThan(1);
    const [first, second, third] = lanes.map((values) => values.slice()) as [Float32Array, Float32Array, Float32Array];
    expect(Buffer.from(gradient.buffer).equals(Buffer.from(addFloat32(addFloat32(first, second), third).buffer))).toBe(
      true,
    );
  });

  it('gives the same bits when workers send sums of whole nodes', async () => {
    const single = newGather(8);
    for (let next = 0; next < 8; next++) arrive(single, next);
    const expected = bitsOf(await single.total());
    for (const split of [
      [0, 1, 2, 3],
      [0, 1, 2],
      [4, 5, 6, 7],
      [2, 3, 4],
    ]) {
      const gather = newGather(8);
      const rest = [0, 1, 2, 3, 4, 5, 6, 7].filter((next) => !split.includes(next));
      for (const range of [split, rest].flatMap((lanes) => alignedRanges(lanes, 8, none))) {
        const sum = presum(range);
        gather.take(worker, { ...frame(range, sum.gradient), sums: sum.sums } as GradientFrame__Output);
        gather.accept(worker, 0, range);
      }
      expect(bitsOf(await gather.total())).toEqual(expected);
    }
  });
});

/** What a worker does with the lanes of one node, in the obvious way. */
function presum({ first, end }: LaneRange): LaneValue {
  if (end - first === 1) {
    const { denominator, loss, metric, rows } = frame({ first, end }, gradientOf(first)).sums!;
    return { gradient: gradientOf(first), sums: { denominator, loss, metric, rows } };
  }
  const middle = (first + end) / 2;
  const left = presum({ first, end: middle });
  const right = presum({ first: middle, end });
  return {
    gradient: left.gradient.map((value, index) => value + right.gradient[index]!),
    sums: {
      denominator: left.sums.denominator + right.sums.denominator,
      loss: left.sums.loss + right.sums.loss,
      metric: left.sums.metric + right.sums.metric,
      rows: left.sums.rows + right.sums.rows,
    },
  };
}

describe('lanes that come as codes', () => {
  const codec = laneCodec({ name: 'int8', fraction: 0 }, ELEMENTS) as LaneCodec;
  const tree = (): LaneTree => ({ ...treeOf(2), codec });
  const range = { first: 0, end: 1 };
  const codesOf = (gradient: Float32Array): Uint8Array => {
    const codes = new Uint8Array(codec.codeBytes);
    atOnce(codec.encode({ gradient, residual: new Float32Array(ELEMENTS), next: new Float32Array(ELEMENTS) }, codes));
    return codes;
  };
  const codeFrame = (codes: Uint8Array, options = {}): GradientFrame__Output => ({
    ...frame(range, new Float32Array(), options),
    data: Buffer.from(codes),
  });

  it('are added as what they stand for, and a sum of several as it is', async () => {
    const [left, right] = [gradientOf(3), gradientOf(1)];
    const codes = [codesOf(left), codesOf(right)];
    const gather = new Gather(new GradientBuffers(ELEMENTS, noSlot), tree());
    codes.forEach((data, lane) => {
      const each = { first: lane, end: lane + 1 };
      expect(gather.take(worker, { ...codeFrame(data), firstLane: lane, endLane: lane + 1 })).toEqual(each);
      gather.accept(worker, 0, each);
    });
    expect((await gather.total()).gradients).toEqual([left, right]);
    const whole = new Gather(new GradientBuffers(ELEMENTS, noSlot), tree());
    whole.take(worker, frame({ first: 0, end: 2 }, left));
    whole.accept(worker, 0, { first: 0, end: 2 });
    expect((await whole.total()).gradients).toEqual([left]);
  });

  it('are refused out of order, in part, or in excess', () => {
    const codes = codesOf(gradientOf(1));
    const take = (sent: GradientFrame__Output) => () =>
      new Gather(new GradientBuffers(ELEMENTS, noSlot), tree()).take(worker, sent);
    expect(codeOf(take(codeFrame(codes, { start: 1 })))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(take(codeFrame(codes.subarray(0, 5))))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(take(codeFrame(new Uint8Array())))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(take(codeFrame(Uint8Array.of(...codes, ...codes))))).toBe('PROTOCOL_VIOLATION');
  });

  it('of the largest elements are refused beyond their number, in a frame of its own too', () => {
    const sparse = laneCodec({ name: 'topK', fraction: 0.1 }, ELEMENTS) as LaneCodec;
    const zeros = () => new Float32Array(ELEMENTS);
    const codesOfLargest = (...indices: readonly number[]): Uint8Array => {
      const gradient = zeros().map((_, index) => (indices.includes(index) ? 1 : 0));
      const codes = new Uint8Array(sparse.codeBytes);
      atOnce(sparse.encode({ gradient, residual: zeros(), next: zeros() }, codes));
      return codes;
    };
    const gather = new Gather(new GradientBuffers(ELEMENTS, noSlot), { ...treeOf(2), codec: sparse });
    const [first, more] = [codesOfLargest(0, 1), codesOfLargest(14, 15)];
    gather.take(worker, codeFrame(first, { last: false }));
    const excess = codeFrame(more, { start: first.length });
    expect(codeOf(() => gather.take(worker, excess))).toBe('PROTOCOL_VIOLATION');
  });
});
