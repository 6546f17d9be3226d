/** What is wrong with a layer, an optimizer or a schedule, by the name that was written. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import { nearest } from './nearest.js';
import { type Issue, laterThan, missing, type Subject, showValue } from './problem-words.js';
import { namedAt, namesAt } from './schema-walk.js';
import { formatPath, namesOf, type SpecPath, valueAt } from './spec-path.js';
import { VALUE_SYNONYMS } from './vocabulary.js';

/** Either problems, or what zod finds with the schema that was meant. */
export type NamedProblems =
  | { readonly problems: ErrorProblem[]; readonly issues?: never }
  | { readonly problems?: never; readonly issues: readonly Issue[] };

/** Looks into a union at a path by name; null where there is no union of names. */
export function namedProblems(path: SpecPath, subject: Subject): NamedProblems | null {
  const at = path.at(-1) === 'type' ? path.slice(0, -1) : path;
  const general = namesOf(at);
  if (namesAt(general).length === 0 || valueAt(subject.root, at) === undefined) return null;
  // `model` itself is a list; its items are the layers.
  if (general[0] === 'model' && at.length !== 2) return null;
  return general[0] === 'model' ? layer(at, subject) : typed(at, general, subject);
}

/** A layer is a map of one key, its name. */
function layer(path: SpecPath, subject: Subject): NamedProblems {
  const value = valueAt(subject.root, path);
  const names = namesAt(['model']);
  if (typeof value === 'string' && !namedAt(['model'], value)) {
    return { problems: [unknownName([...path], value, ['model'], subject)] };
  }
  const base = { path: formatPath(path), ...subject.positions.nearest(path), value: showValue(value) };
  if (typeof value === 'string') {
    const example = value === 'dense' ? '{ units: 64 }' : value === 'dropout' ? '{ rate: 0.1 }' : '{}';
    const suggestion = `Write "- ${value}: ${example}".`;
    return { problems: [{ ...base, code: 'SPEC_VALUE', message: `${base.path} must be a map`, suggestion }] };
  }
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const name = keys[0];
  if (name === undefined || keys.length !== 1) {
    const message = `${base.path} must be a map with one key, the name of a layer`;
    return { problems: [{ ...base, code: 'SPEC_VALUE', message, suggestion: layerForm(keys, names) }] };
  }
  const schema = namedAt(['model'], name);
  if (!schema) return { problems: [unknownName([...path, name], name, ['model'], subject)] };
  return {
    issues: issuesBelow([...path, name], schema.safeParse(valueAt(subject.root, [...path, name])).error?.issues),
  };
}

/** The usual slips: Keras's `{type: dense, units: 3}`, and settings that are not indented below their layer. */
function layerForm(keys: readonly string[], names: readonly string[]): string {
  if (keys.includes('type')) return 'Write "- dense: { units: 64 }" instead of "- type: dense".';
  const name = keys.find((key) => names.includes(key));
  if (name) return `Indent the settings below ${name}, or write "- ${name}: { ... }".`;
  return `Write it as "- dense: { units: 64 }". Layers: ${names.join(', ')}.`;
}

/** An optimizer or schedule is a map with its name under `type`; an optimizer may be the name alone. */
function typed(path: SpecPath, general: readonly string[], subject: Subject): NamedProblems {
  const value = valueAt(subject.root, path);
  const names = namesAt(general);
  if (typeof value === 'string') {
    if (!namedAt(general, value)) return { problems: [unknownName(path, value, general, subject)] };
    return { problems: [form(path, value, `Write { type: ${value} }.`, subject)] };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problems: [form(path, value, `Write for example { type: ${names[0]} }.`, subject)] };
  }
  const type = valueAt(value, ['type']);
  if (type === undefined) {
    const only = Object.keys(value).find((key) => names.includes(key));
    if (only) return { problems: [form(path, value, `Write { type: ${only}, ... }.`, subject)] };
    const problem = missing([...path, 'type'], subject);
    return { problems: [{ ...problem, suggestion: `Add type: ${names.join(', ')}.` }] };
  }
  const schema = namedAt(general, type);
  if (!schema) return { problems: [unknownName([...path, 'type'], type, general, subject)] };
  return { issues: issuesBelow(path, schema.safeParse(value).error?.issues) };
}

function form(path: SpecPath, value: unknown, suggestion: string, { positions }: Subject): ErrorProblem {
  const base = { path: formatPath(path), ...(positions.value(path) ?? positions.nearest(path)) };
  const message = `${base.path} must be a map with the key type`;
  return { ...base, code: 'SPEC_VALUE', message, value: showValue(value), suggestion };
}

function unknownName(path: SpecPath, name: unknown, general: readonly string[], { positions }: Subject): ErrorProblem {
  const kind = general[0] === 'model' ? 'layer' : String(general.at(-1));
  const names = namesAt(general);
  const base = {
    path: formatPath(path),
    ...(path.at(-1) === name ? positions.nearest(path) : (positions.value(path) ?? positions.nearest(path))),
    value: showValue(name),
  };
  const instead = laterThan(general.join('.'), name);
  if (instead) {
    const message = `The ${kind} ${base.value} is not there yet`;
    return { ...base, code: 'SPEC_NOT_YET', message, suggestion: instead };
  }
  const near = nearest(String(name), names, VALUE_SYNONYMS[general.join('.')]);
  return {
    ...base,
    code: kind === 'layer' ? 'SPEC_UNKNOWN_KEY' : 'SPEC_VALUE',
    message: `There is no ${kind} ${base.value}`,
    suggestion: `${near ? `Did you mean ${near}? ` : ''}Allowed: ${names.join(', ')}.`,
  };
}

function issuesBelow(path: SpecPath, issues: readonly Issue[] = []): readonly Issue[] {
  return issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }) as Issue);
}
