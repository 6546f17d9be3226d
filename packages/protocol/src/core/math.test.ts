import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cos, exp, log, sin } from './math.js';

const FUNCTIONS = { exp, log, sin, cos };
const bits = new DataView(new ArrayBuffer(8));

/** Position of a number among all float64 in order. */
function position(value: number): bigint {
  bits.setFloat64(0, value);
  const word = bits.getBigInt64(0);
  return word < 0n ? -(word & 0x7fff_ffff_ffff_ffffn) : word;
}

function distance(left: number, right: number): number {
  return Object.is(left, right) ? 0 : Math.abs(Number(position(left) - position(right)));
}

function grid(first: number, last: number, count: number): number[] {
  return Array.from({ length: count + 1 }, (_, index) => first + (last - first) * (index / count));
}

function largestDistance(name: keyof typeof FUNCTIONS, values: readonly number[]): number {
  return values.reduce((largest, x) => Math.max(largest, distance(FUNCTIONS[name](x), Math[name](x))), 0);
}

/** Numbers built with + - * / alone, so that they are the same everywhere. */
function fixedNumbers(name: keyof typeof FUNCTIONS): number[] {
  if (name === 'exp') return [...grid(-745, 709, 5_000), ...grid(-1, 1, 5_000)];
  if (name === 'log') return [...grid(1e-9, 4, 5_000), ...grid(1, 1e15, 5_000), 5e-324, 1e-310, 1.7e308];
  return [...grid(-10, 10, 5_000), ...grid(-1e6, 1e6, 5_000)];
}

function hashOf(name: keyof typeof FUNCTIONS): string {
  return createHash('sha256')
    .update(Buffer.from(Float64Array.from(fixedNumbers(name), FUNCTIONS[name]).buffer))
    .digest('hex');
}

describe('own mathematics', () => {
  it('stays within 2 units in the last place of the built-in functions', () => {
    const count = 30_000;
    expect(largestDistance('exp', grid(-745.2, 709.78, count))).toBeLessThanOrEqual(2);
    expect(largestDistance('exp', grid(-1, 1, count))).toBeLessThanOrEqual(2);
    expect(largestDistance('log', grid(0.5, 2, count))).toBeLessThanOrEqual(2);
    expect(largestDistance('log', grid(1e-12, 1e12, count))).toBeLessThanOrEqual(2);
    for (const name of ['sin', 'cos'] as const) {
      expect(largestDistance(name, grid(-7, 7, count))).toBeLessThanOrEqual(2);
      expect(largestDistance(name, grid(-1e6, 1e6, count))).toBeLessThanOrEqual(2);
      const quarters = Array.from({ length: 20_000 }, (_, index) => index * (Math.PI / 2));
      expect(largestDistance(name, quarters)).toBeLessThanOrEqual(2);
    }
  });

  it('gives the same bits on every machine and Node version', () => {
    expect(hashOf('exp')).toMatchInlineSnapshot(`"0a731cf9c18bd61fa06826030953e69696afaea06da50fcc279d7061601e260e"`);
    expect(hashOf('log')).toMatchInlineSnapshot(`"9b8f7f31e96fbb4f6a83e92b685b337c10bd3c322f779518e0436dc0502ae158"`);
    expect(hashOf('sin')).toMatchInlineSnapshot(`"9d89697157010ff5c4743319018165e9984944d6cbd2f4fcd846c554b6a216cc"`);
    expect(hashOf('cos')).toMatchInlineSnapshot(`"7c51de45810c5fccfa8acf08fd5ab5f3ec6acb83062d884f9c3421f29a4f00a0"`);
  });

  it('keeps the special values of the built-in functions', () => {
    const infinity = Number.POSITIVE_INFINITY;
    const special = [0, -0, 1, Number.NaN, infinity, -infinity, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE];
    for (const x of [...special, -1, 709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412]) {
      expect(distance(exp(x), Math.exp(x)), `exp ${x}`).toBeLessThanOrEqual(1);
      expect(distance(log(x), Math.log(x)), `log ${x}`).toBeLessThanOrEqual(1);
    }
    for (const x of [0, -0, Number.NaN, infinity, -infinity, 5e-324]) {
      expect(sin(x), `sin ${x}`).toBe(Math.sin(x));
      expect(cos(x), `cos ${x}`).toBe(Math.cos(x));
    }
  });
});
