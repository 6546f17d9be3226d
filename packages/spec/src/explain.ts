/** What a key of the spec means, from the schema itself. */
import { LockstepError } from '@lockstep/protocol/core';
import { z } from 'zod';
import { constraintText } from './constraint.js';
import { ANY_COLUMN, exampleOf } from './examples.js';
import { nearest } from './nearest.js';
import { jobSpecSchema } from './schema.js';
import { allowedValues, inside, keysOf, namedAt, namesAt, schemaAt, unwrap } from './schema-walk.js';
import { parsePath } from './spec-path.js';
import { KEY_SYNONYMS } from './vocabulary.js';

/** A key with what is below it. */
export interface Explanation {
  /** Dotted, without list positions; '' is the whole spec. */
  readonly path: string;
  /** What may stand there, for example "a whole number from 1 to 1000". */
  readonly type: string;
  readonly description: string;
  readonly required: boolean;
  /** Default as YAML; '' where there is none. */
  readonly default: string;
  /** Values where they can be listed. */
  readonly allowed: readonly string[];
  /** One line of YAML with the key at its place; '' for the whole spec. */
  readonly example: string;
  readonly children: readonly Omit<Explanation, 'children'>[];
}

/** Explains a dotted path; '' is the whole spec. @throws LockstepError SPEC_UNKNOWN_KEY with the nearest path */
export function explainKey(path: string): Explanation {
  const parts = (parsePath(path) ?? [path]).filter((part): part is string => typeof part === 'string');
  const schema = schemaAt(parts);
  if (!schema) throw unknown(path, parts);
  return { ...describe(parts, schema), children: childrenOf(parts).map((child) => describe(child, schemaAt(child)!)) };
}

/** JSON Schema of a spec as users write it. */
export function jobSpecJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(jobSpecSchema, { io: 'input' });
  return { $schema, title: 'Lockstep job spec', ...schema };
}

/** Paths right below a path: keys, and the names of layers, optimizers and schedules. */
export function childrenOf(parts: readonly string[]): readonly (readonly string[])[] {
  const schema = schemaAt(parts);
  if (!schema) return [];
  const { valueType } = inside(unwrap(schema)).def;
  if (valueType) return Object.keys(keysOf(valueType)).map((key) => [...parts, ANY_COLUMN, key]);
  const keys = Object.keys(keysOf(schema));
  // Below the name of an optimizer its type says nothing new.
  const named = namedAt(parts.slice(0, -1), parts.at(-1)) !== null;
  return [...keys.filter((key) => !(named && key === 'type')), ...namesAt(parts)].map((key) => [...parts, key]);
}

function describe(parts: readonly string[], schema: z.ZodType): Omit<Explanation, 'children'> {
  const value = inside(schema).def.defaultValue;
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return {
    path: parts.join('.'),
    type: constraintText(schema),
    description: schema.description ?? unwrap(schema).description ?? '',
    // A layer, optimizer or schedule is one of several.
    required: !namedAt(parts.slice(0, -1), parts.at(-1)) && !schema.safeParse(undefined).success,
    default: value === undefined || isEmpty ? '' : JSON.stringify(value),
    allowed: allowedValues(schema),
    example: exampleOf(parts, value ?? {}),
  };
}

function unknown(path: string, parts: readonly string[]): LockstepError {
  const context = { message: `A job spec has no key ${path}.`, field: 'key', value: path };
  const samePlace = nearestBelow(parts);
  const anywhere = samePlace ?? nearestAnywhere(parts.at(-1) ?? '');
  if (anywhere) return new LockstepError('SPEC_UNKNOWN_KEY', { ...context, fix: `Did you mean ${anywhere}?` });
  let known = parts.slice(0, -1);
  while (known.length > 0 && childrenOf(known).length === 0) known = known.slice(0, -1);
  const keys = childrenOf(known).map((child) => child.at(-1));
  const fix = `Keys of ${known.join('.') || 'a job spec'}: ${keys.join(', ')}.`;
  return new LockstepError('SPEC_UNKNOWN_KEY', { ...context, fix });
}

/** The nearest key to the first part that is wrong, or null. */
function nearestBelow(parts: readonly string[]): string | null {
  const wrong = parts.findIndex((_part, index) => schemaAt(parts.slice(0, index + 1)) === null);
  const head = parts.slice(0, wrong);
  const known = childrenOf(head).map((child) => child.at(-1)!);
  const near = nearest(parts[wrong] ?? '', known, KEY_SYNONYMS);
  return near ? [...head, near].join('.') : null;
}

/** A key of this name somewhere in the spec, or null. */
function nearestAnywhere(key: string): string | null {
  const all: (readonly string[])[] = [];
  const walk = (parts: readonly string[]): void => {
    for (const child of childrenOf(parts)) {
      all.push(child);
      walk(child);
    }
  };
  walk([]);
  const near = nearest(key, [...new Set(all.map((path) => path.at(-1)!))], KEY_SYNONYMS);
  return all.find((path) => path.at(-1) === near)?.join('.') ?? null;
}
