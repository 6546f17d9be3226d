/** Float64 in JSON without loss: what JSON has no number for stands there as text. Pure. */
import { z } from 'zod';

const NAMED = ['NaN', 'Infinity', '-Infinity', '-0'] as const;

/** `JSON.stringify` with every number kept: NaN, infinities and -0 become text. */
export function stringifyNumbers(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'number' ? jsonNumber(item) : item), indent);
}

/** Reads a number that `stringifyNumbers` wrote; null, which stood for NaN before, is still one. */
export const jsonFloat64 = z.union([z.number(), z.enum(NAMED).transform(Number), z.null().transform(() => Number.NaN)]);

function jsonNumber(value: number): number | string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}
