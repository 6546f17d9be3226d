import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addFloat32 } from '../gradients/addition.js';
import { alignedRanges, type LaneRange, ReductionTree } from './reduction-tree.js';

const NONE = (_lane: number): boolean => false;
const noneBut = (skipped: readonly number[]) => (lane: number) => skipped.includes(lane);
const range = (first: number, end: number): LaneRange => ({ first, end });

/** The tree written down as a recursion, which is what {@link ReductionTree} must equal. */
function sumOf(vectors: readonly Float32Array[], { first, end }: LaneRange, isSkipped = NONE): Float32Array | null {
  if (end - first === 1) return isSkipped(first) ? null : (vectors[first] as Float32Array).slice();
  let size = 1;
  while (size * 2 < end - first) size *= 2;
  const left = sumOf(vectors, range(first, first + size), isSkipped);
  const right = sumOf(vectors, range(first + size, end), isSkipped);
  return left && right ? addFloat32(left, right) : (left ?? right);
}

function expression(laneCount: number, skipped: readonly number[] = []): string {
  const tree = new ReductionTree<string>(laneCount, noneBut(skipped), (left, right) => `(${left} ${right})`);
  for (let lane = 0; lane < laneCount; lane++) {
    if (!skipped.includes(lane)) tree.addLane(range(lane, lane + 1), String(lane));
  }
  return tree.total ?? '';
}

const bytesOf = (vector: Float32Array | null): string =>
  vector ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex') : '';

/** Lanes with vectors, some of them skipped, given to workers, whose ranges arrive in some order. */
const scenario = fc.integer({ min: 1, max: 21 }).chain((laneCount) =>
  fc.record({
    vectors: fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 }), {
      minLength: laneCount,
      maxLength: laneCount,
    }),
    skipped: fc.array(fc.boolean(), { minLength: laneCount, maxLength: laneCount }),
    owners: fc.array(fc.nat(4), { minLength: laneCount, maxLength: laneCount }),
    shuffle: fc.infiniteStream(fc.nat(1_000_000)).map((stream) => [...stream.take(laneCount)]),
  }),
);

describe('the reduction tree', () => {
  it('splits a node at the largest power of two below its size', () => {
    expect(expression(1)).toBe('0');
    expect(expression(2)).toBe('(0 1)');
    expect(expression(3)).toBe('((0 1) 2)');
    expect(expression(4)).toBe('((0 1) (2 3))');
    expect(expression(5)).toBe('(((0 1) (2 3)) 4)');
    expect(expression(6)).toBe('(((0 1) (2 3)) (4 5))');
    expect(expression(7)).toBe('(((0 1) (2 3)) ((4 5) 6))');
  });

  it('lets the sibling of a skipped lane pass through', () => {
    expect(expression(4, [0])).toBe('(1 (2 3))');
    expect(expression(4, [2, 3])).toBe('(0 1)');
    expect(expression(4, [0, 2])).toBe('(1 3)');
    expect(expression(5, [0, 1, 2, 3])).toBe('4');
    expect(expression(4, [0, 1, 2, 3])).toBe('');
  });

  it('gives the same bits for any assignment to workers and any order of arrival', () => {
    fc.assert(
      fc.property(scenario, ({ vectors, skipped, owners, shuffle }) => {
        const laneCount = vectors.length;
        const isSkipped = (lane: number) => skipped[lane] === true;
        const values = vectors.map((vector) => Float32Array.from(vector));
        const lanes = Array.from({ length: laneCount }, (_, lane) => lane).filter((lane) => !isSkipped(lane));
        const arrivals = [0, 1, 2, 3, 4]
          .flatMap((owner) =>
            alignedRanges(
              lanes.filter((lane) => owners[lane] === owner),
              laneCount,
              isSkipped,
            ),
          )
          .sort((a, b) => (shuffle[a.first] ?? 0) - (shuffle[b.first] ?? 0));
        const tree = new ReductionTree<Float32Array>(laneCount, isSkipped, addFloat32);
        arrivals.forEach((arrival, index) => {
          expect(tree.total, 'no total before the last range').toBeNull();
          expect(tree.has(arrival)).toBe(false);
          tree.addLane(arrival, sumOf(values, arrival, isSkipped) as Float32Array);
          expect(tree.has(arrival), `${index}`).toBe(true);
        });
        expect(bytesOf(tree.total)).toBe(bytesOf(sumOf(values, range(0, laneCount), isSkipped)));
      }),
      { numRuns: 500 },
    );
  });

  it('lets a worker sum a node in a tree of its own', () => {
    const values = Array.from({ length: 7 }, (_, lane) => Float32Array.of(1 / (lane + 1), 3 ** -lane));
    const own = new ReductionTree<Float32Array>(3, NONE, addFloat32);
    for (const lane of [2, 0, 1]) own.addLane(range(lane, lane + 1), (values[4 + lane] as Float32Array).slice());
    expect(bytesOf(own.total)).toBe(bytesOf(sumOf(values, range(4, 7))));
  });

  it('refuses ranges that arrive twice, overlap, are no node or have no rows', () => {
    const tree = new ReductionTree<number>(6, noneBut([5]), (left, right) => left + right);
    tree.addLane(range(0, 2), 1);
    for (const [first, end] of [
      [0, 2],
      [0, 1],
      [0, 4],
      [1, 3],
      [2, 5],
      [0, 8],
      [3, 3],
      [-1, 1],
      [5, 6],
    ] as const) {
      expect(() => tree.addLane(range(first, end), 1), `${first}-${end}`).toThrow(/arrived twice|no node|no rows/);
    }
    tree.addLane(range(2, 4), 2);
    tree.addLane(range(4, 6), 4);
    expect(tree.total).toBe(7);
    expect(() => tree.addLane(range(0, 6), 1)).toThrow('arrived twice');
  });
});

describe('aligned ranges', () => {
  it('are the largest nodes that the lanes cover', () => {
    expect(alignedRanges([0, 1, 2, 3], 4)).toEqual([range(0, 4)]);
    expect(alignedRanges([1, 2, 3], 4)).toEqual([range(1, 2), range(2, 4)]);
    expect(alignedRanges([4, 5, 6, 1, 2], 7)).toEqual([range(1, 2), range(2, 3), range(4, 7)]);
    expect(alignedRanges([], 4)).toEqual([]);
    expect(alignedRanges([0], 1)).toEqual([range(0, 1)]);
  });

  it('count skipped lanes as covered, but never consist of them alone', () => {
    expect(alignedRanges([1], 4, noneBut([0, 2, 3]))).toEqual([range(0, 4)]);
    expect(alignedRanges([1], 4, noneBut([0]))).toEqual([range(0, 2)]);
    expect(alignedRanges([1], 4, noneBut([2, 3]))).toEqual([range(1, 2)]);
    expect(alignedRanges([], 2, () => true)).toEqual([]);
  });

  it('cover exactly the given lanes, and every node that the lanes cover lies in one of them', () => {
    fc.assert(
      fc.property(scenario, ({ skipped, owners }) => {
        const laneCount = skipped.length;
        const isSkipped = (lane: number) => skipped[lane] === true;
        const lanes = owners.flatMap((owner, lane) => (owner < 2 && !isSkipped(lane) ? [lane] : []));
        const ranges = alignedRanges(lanes, laneCount, isSkipped);
        const covered = ranges.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i));
        expect(covered.filter((lane) => !isSkipped(lane))).toEqual(lanes);
        const tree = new ReductionTree<null>(laneCount, isSkipped, () => null);
        expect(ranges.every((node) => tree.isNode(node))).toBe(true);
        for (let first = 0; first < laneCount; first++) {
          for (let end = first + 1; end <= laneCount; end++) {
            const inside = Array.from({ length: end - first }, (_, index) => first + index);
            const isWhole = inside.every((lane) => isSkipped(lane) || lanes.includes(lane));
            if (!tree.isNode(range(first, end)) || !isWhole || inside.every(isSkipped)) continue;
            expect(ranges.some((node) => node.first <= first && end <= node.end)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('adding in float32', () => {
  it('rounds each sum once, to float32', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(float, float, (left, right) => {
        const normal = (value: number): number => (Math.abs(value) < 2 ** -126 ? 0 : value);
        const expected = normal(Math.fround(normal(left) + normal(right)));
        expect(addFloat32(Float32Array.of(left), Float32Array.of(right))[0]).toBe(expected);
      }),
    );
  });

  it('writes +0 for every result below 2^-126, never -0, and keeps the rest', () => {
    const smallest = 2 ** -126;
    const left = Float32Array.of(smallest, -smallest, 2 ** -149, -(2 ** -149), -0, 1, Number.NaN, -(2 ** 127));
    const right = Float32Array.of(-smallest * 1.5, smallest * 1.5, 0, 0, -0, -1, 1, -(2 ** 127));
    expect([...addFloat32(left, right)]).toEqual([0, 0, 0, 0, 0, 0, Number.NaN, Number.NEGATIVE_INFINITY]);
  });

  it('takes operands below 2^-126 for +0, so that lanes come as the engine wrote them', () => {
    const [tiny, almost] = [2 ** -149, 0.75 * 2 ** -126];
    const left = Float32Array.of(almost, almost, -almost, 2 ** -126, -(2 ** -126));
    expect([...addFloat32(left, Float32Array.of(almost, tiny, -almost, tiny, tiny))]).toEqual([
      0,
      0,
      0,
      2 ** -126,
      -(2 ** -126),
    ]);
  });

  it('works on views that start anywhere, and leaves their surroundings alone', () => {
    const memory = Float32Array.of(9, 1, 2, 9);
    addFloat32(memory.subarray(1, 3), Float32Array.of(10, 20));
    expect([...memory]).toEqual([9, 11, 22, 9]);
    expect(() => addFloat32(memory, Float32Array.of(1))).toThrow('cannot add');
  });
});
