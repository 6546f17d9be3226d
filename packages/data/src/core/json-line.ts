/** Reads a line of JSON lines: an object whose numbers stay as they are spelled, or what keeps it from being one. */
import { isLosslessNumber, parse, stringify } from 'lossless-json';
import { MAX_JSON_DEPTH } from '../limits.js';
import type { BuiltCell } from './block-builder.js';
import { CellForm } from './csv-scanner.js';

const MISSING: BuiltCell = { text: null, form: CellForm.plain };
/** A code unit of UTF-16 that is half a character, and has none of its own in UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;
/** What programs write in place of a value that JSON does not have. */
const NO_VALUE = /^-?(?:NaN|nan|Infinity|inf|None|True|False|undefined)\b/;

type JsonObject = Readonly<Record<string, unknown>>;

/** The object of a line, or what is wrong with it as a message says it after the place. */
export type JsonLine =
  | { readonly object: JsonObject; readonly fault: null }
  | { readonly object: null; readonly fault: string };

/** Reads a line. Keys of two values, half characters and objects nested too deep are faults. */
export function parseLine(text: string): JsonLine {
  let value: unknown;
  try {
    value = parse(text);
  } catch (thrown) {
    // Node has no more stack for the parser.
    if (thrown instanceof RangeError) return faulty(`is nested more than ${MAX_JSON_DEPTH} deep`);
    return faulty(`is no JSON: ${syntaxFault((thrown as Error).message, text)}`);
  }
  if (!isObject(value)) return faulty(`is no object of JSON, but ${kindOf(value)}`);
  for (const [key, cell] of Object.entries(value)) {
    if (isDeeper(cell, MAX_JSON_DEPTH - 1)) return faulty(`is nested more than ${MAX_JSON_DEPTH} deep`);
    if (LONE_SURROGATE.test(key) || (typeof cell === 'string' && LONE_SURROGATE.test(cell))) {
      return faulty(`has half a character in ${JSON.stringify(key)}`);
    }
  }
  return { object: value, fault: null };
}

/** The cells of an object in the order of some columns. */
export function cellsOf(object: JsonObject, columns: readonly string[]): BuiltCell[] {
  return columns.map((name) => (Object.hasOwn(object, name) ? cellOf(object[name]) : MISSING));
}

function cellOf(value: unknown): BuiltCell {
  if (value === null) return MISSING;
  if (typeof value === 'string') return { text: value, form: CellForm.quoted };
  if (typeof value === 'boolean') return { text: String(value), form: CellForm.plain };
  if (isLosslessNumber(value)) return { text: value.value, form: CellForm.native };
  return { text: stringify(value) ?? '', form: CellForm.quoted };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

/** Whether a value has objects or arrays in each other beyond a number of levels; goes no deeper itself. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (isLosslessNumber(value)) return 'a number';
  return typeof value === 'string' ? 'a text' : 'true or false';
}

/** The parser's words, or the value that other programs write and JSON does not have. */
function syntaxFault(message: string, text: string): string {
  const at = Number(/position (\d+)$/.exec(message)?.[1] ?? Number.NaN);
  const [word] = NO_VALUE.exec(text.slice(at)) ?? [];
  if (word) return `${word} at position ${at} is no value of it`;
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function faulty(fault: string): JsonLine {
  return { object: null, fault };
}
