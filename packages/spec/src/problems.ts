/** Problems of a spec in words: what is allowed, the nearest right name, what works instead. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import type { z } from 'zod';
import { constraintText } from './constraint.js';
import { MAX_PROBLEMS } from './limits.js';
import { namedProblems } from './named-problems.js';
import { nearest } from './nearest.js';
import { type Issue, laterThan, missing, type Subject, schemaOf, showValue } from './problem-words.js';
import { allowedValues } from './schema-walk.js';
import { formatPath, namesOf, type SpecPath, valueAt } from './spec-path.js';
import { unknownKeyProblem } from './unknown-key.js';
import { VALUE_SYNONYMS } from './vocabulary.js';

/** Turns what zod found into problems. Unions of layers, optimizers and schedules are looked into by name. */
export function problemsOf(issues: readonly Issue[], subject: Subject): ErrorProblem[] {
  return issues.slice(0, MAX_PROBLEMS).flatMap((issue) => describe(issue, subject));
}

function describe(issue: Issue, subject: Subject): ErrorProblem[] {
  const path = issue.path as SpecPath;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MAX_PROBLEMS).map((key) => unknownKeyProblem([...path, key], subject));
  if (issue.code === 'invalid_union' || issue.code === 'invalid_type') {
    const named = namedProblems(path, subject);
    if (named) return named.problems ?? problemsOf(named.issues, subject);
  }
  const value = valueAt(subject.root, path);
  return [value === undefined ? missing(path, subject) : wrongValue(path, value, subject)];
}

function wrongValue(path: SpecPath, value: unknown, { positions, root }: Subject): ErrorProblem {
  const schema = schemaOf(path, root);
  const allowed = schema ? allowedValues(schema) : [];
  const general = namesOf(path).join('.');
  const shown = showValue(value);
  const base = { path: formatPath(path), ...(positions.value(path) ?? positions.nearest(path)), value: shown };
  const later = laterThan(general, value);
  if (later) return { ...base, code: 'SPEC_NOT_YET', message: `${shown} is not there yet`, suggestion: later };
  const rule = schema ? `must be ${constraintText(schema)}` : 'is not allowed';
  const message = value === null ? `${base.path} has no value; it ${rule}` : `${base.path} ${rule}`;
  const suggestion = spelling(value, schema) ?? didYouMean(general, value, allowed);
  return {
    ...base,
    code: 'SPEC_VALUE',
    message,
    suggestion: suggestion ?? `See lockstep explain ${general}.`,
  };
}

function didYouMean(general: string, value: unknown, allowed: readonly string[]): string | null {
  const near = typeof value === 'string' ? nearest(value, allowed, synonymsAt(general)) : null;
  return near ? `Did you mean ${near}? Allowed: ${allowed.join(', ')}.` : null;
}

function synonymsAt(general: string): Readonly<Record<string, string>> {
  // The values of a map of columns share their synonyms.
  const key = general.startsWith('data.types.') ? 'data.types' : general;
  return Object.hasOwn(VALUE_SYNONYMS, key) ? VALUE_SYNONYMS[key]! : {};
}

/** Help with values that are right but written as another type. */
function spelling(value: unknown, schema: z.ZodType | null): string | null {
  if (!schema) return null;
  if (typeof value === 'number' || typeof value === 'boolean') {
    return schema.safeParse(String(value)).success ? `Write it in quotes: "${value}".` : null;
  }
  if (typeof value !== 'string') return null;
  const asBoolean = { yes: 'true', on: 'true', True: 'true', no: 'false', off: 'false', False: 'false' }[value];
  if (asBoolean && schema.safeParse(asBoolean === 'true').success) return `Write ${asBoolean}.`;
  if (value.trim() !== '' && schema.safeParse(Number(value)).success) return 'Write it without quotes.';
  return null;
}
