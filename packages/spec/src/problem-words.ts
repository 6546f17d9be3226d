/** What descriptions of problems share: the spec that is looked at, its values in words, the schema of a place. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import type { z } from 'zod';
import { constraintText } from './constraint.js';
import { MAX_SHOWN_CHARACTERS } from './limits.js';
import type { Positions } from './positions.js';
import { inside, keysOf, namedAt, schemaAt, unwrap } from './schema-walk.js';
import { formatPath, namesOf, type SpecPath, valueAt } from './spec-path.js';
import { NOT_YET } from './vocabulary.js';

/** What zod found. */
export type Issue = z.core.$ZodIssue;

/** The spec that is looked at. */
export interface Subject {
  readonly root: unknown;
  readonly positions: Positions;
}

/** A value as it is shown: short, on one line. */
export function showValue(value: unknown): string {
  const text = typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value);
  const line = text.replace(/\s+/g, ' ');
  return line.length > MAX_SHOWN_CHARACTERS ? `${line.slice(0, MAX_SHOWN_CHARACTERS - 3)}...` : line;
}

/** A required key that is absent. */
export function missing(path: SpecPath, { positions, root }: Subject): ErrorProblem {
  const key = String(path.at(-1));
  const schema = schemaOf(path, root);
  return {
    path: formatPath(path),
    ...positions.nearest(path.slice(0, -1)),
    code: 'SPEC_MISSING_KEY',
    message: `${formatPath(path)} is required`,
    suggestion: schema ? `Add ${key}: ${constraintText(schema)}.` : `Add ${key}.`,
  };
}

/** What works instead of a known value that is not there yet, or null. */
export function laterThan(general: string, value: unknown): string | null {
  const known = Object.hasOwn(NOT_YET, general) ? NOT_YET[general]! : null;
  if (!known || typeof value !== 'string') return null;
  const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');
  return known.names.some((name) => plain(name) === plain(value)) ? known.instead : null;
}

/** The schema of the value at a path; inside optimizers and schedules the one that `type` names. */
export function schemaOf(path: SpecPath, root: unknown): z.ZodType | null {
  const names = namesOf(path);
  const parent = path.slice(0, -1);
  if (typeof path.at(-1) === 'number') {
    const list = schemaAt(names);
    return list ? (inside(unwrap(list)).def.element ?? null) : null;
  }
  const named = namedAt(names.slice(0, -1), valueAt(root, [...parent, 'type']));
  const keys = named ? keysOf(named) : {};
  const key = names.at(-1) ?? '';
  return Object.hasOwn(keys, key) ? (keys[key] ?? null) : schemaAt(names);
}
