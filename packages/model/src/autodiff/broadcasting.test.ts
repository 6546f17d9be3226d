import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { float32, numbersOf, runGraph } from '../testing/run-graph.js';
import { differentiate } from './differentiate.js';

/** Value and both partial derivatives of each operator on two numbers. */
const OPERATORS: Readonly<Record<string, (a: number, b: number) => readonly [number, number, number]>> = {
  Add: (a, b) => [a + b, 1, 1],
  Sub: (a, b) => [a - b, 1, -1],
  Mul: (a, b) => [a * b, b, a],
  Div: (a, b) => [a / b, 1 / b, -a / (b * b)],
};

interface Shapes {
  readonly out: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Sizes that the graph states by name. */
  readonly symbolic: ReadonlySet<number>;
}

/** Per axis a size and which side has it as 1; per side how many leading axes of size 1 are left out. */
const shapes: fc.Arbitrary<Shapes> = fc
  .record({
    axes: fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3), fc.constantFrom('neither', 'left', 'right')), {
      maxLength: 4,
    }),
    symbolic: fc.subarray([0, 2, 3]),
    shortened: fc.constantFrom('left', 'right'),
  })
  .map(({ axes, symbolic, shortened }) => {
    const sideOf = (side: 'left' | 'right'): number[] => {
      const shape = axes.map(([size, repeated]) => (repeated === side ? 1 : size));
      const kept = shape.findIndex((size) => size !== 1);
      return side === shortened ? shape.slice(kept < 0 ? shape.length : kept) : shape;
    };
    const out = axes.map(([size]) => size);
    return { out, left: sideOf('left'), right: sideOf('right'), symbolic: new Set(symbolic) };
  });

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Place in a tensor of `shape` that element `at` of the result was computed from. */
function source(at: number, out: readonly number[], shape: readonly number[]): number {
  let rest = at;
  let place = 0;
  let stride = 1;
  for (let axis = 1; axis <= shape.length; axis++) {
    const size = out.at(-axis)!;
    if (shape.at(-axis) !== 1) place += (rest % size) * stride;
    stride *= shape.at(-axis)!;
    rest = Math.floor(rest / size);
  }
  return place;
}

/** Numbers that are exact in float32, and not 0. */
const numbers = (count: number, start: number): number[] =>
  Array.from({ length: count }, (_, at) => (((at + start) * 5) % 7) / 4 + 0.5);

function reference(op: string, { out, left, right }: Shapes, a: number[], b: number[], seed: number[]) {
  const byLeft = a.map(() => 0);
  const byRight = b.map(() => 0);
  seed.forEach((weight, at) => {
    const [from, to] = [source(at, out, left), source(at, out, right)];
    const [, slopeLeft, slopeRight] = OPERATORS[op]!(a[from]!, b[to]!);
    byLeft[from] = byLeft[from]! + weight * slopeLeft;
    byRight[to] = byRight[to]! + weight * slopeRight;
  });
  return { byLeft, byRight };
}

describe.each(Object.keys(OPERATORS))('the gradient of %s', (op) => {
  it('sums over whatever axes were repeated, stated by size or by name', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async (found) => {
        const { out, left, right, symbolic } = found;
        const declare = (shape: readonly number[]) => shape.map((size) => (symbolic.has(size) ? `D${size}` : size));
        const builder = new GraphBuilder(op);
        builder.input('a', 'float32', declare(left));
        builder.input('b', 'float32', declare(right));
        builder.input('seed', 'float32', declare(out));
        builder.node(op, ['a', 'b'], {}, { outputs: ['out'] });
        const graph = differentiate(builder.build(), {
          loss: 'out',
          seed: 'seed',
          parameters: ['a', 'b'],
          gradientName: (name) => `d${name}`,
        });
        const [a, b, seed] = [numbers(sizeOf(left), 1), numbers(sizeOf(right), 3), numbers(sizeOf(out), 2)];
        const results = await runGraph(graph, { a: float32(left, a), b: float32(right, b), seed: float32(out, seed) });
        const { byLeft, byRight } = reference(op, found, a, b, seed);
        expect(results.da?.shape).toEqual(left);
        expect(results.db?.shape).toEqual(right);
        expectClose(numbersOf(results, 'da'), byLeft);
        expectClose(numbersOf(results, 'db'), byRight);
      }),
      { numRuns: 30, seed: 20 },
    );
  });
});

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    expect(Math.abs(value - expected[index]!)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(expected[index]!)));
  });
}
