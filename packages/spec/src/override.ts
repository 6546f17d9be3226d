/** Puts the values of `--set key.path=value` into a spec as written. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import type { Positions } from './positions.js';
import { showValue } from './problem-words.js';
import { readYaml } from './read-yaml.js';
import { formatPath, parsePath, type SpecPath } from './spec-path.js';

type Container = Record<string | number, unknown>;

/**
 * Sets one value, creating the maps on the way. A value below an optimizer that is written as a name, or left out,
 * keeps that optimizer. @returns the problem, or null
 */
export function applyOverride(
  root: object,
  positions: Positions,
  pathText: string,
  valueText: string,
): ErrorProblem | null {
  const path = parsePath(pathText);
  const base = { path: pathText, value: showValue(valueText) };
  if (!path || path.length === 0 || path.includes('__proto__')) {
    const message = `${JSON.stringify(pathText)} is not a path of keys`;
    return { ...base, code: 'SPEC_UNKNOWN_KEY', message, suggestion: 'Write it like train.epochs=3.' };
  }
  const read = readYaml(valueText);
  const [broken] = read.problems;
  if (broken) {
    const message = `The value for ${pathText} is not YAML: ${broken.message}`;
    return { ...base, code: 'SPEC_SYNTAX', message, suggestion: `Put it in quotes: --set '${pathText}="..."'.` };
  }
  let at = root as Container;
  for (const [index, part] of path.slice(0, -1).entries()) {
    if (!fits(at, part)) return noItem(path.slice(0, index + 1), at, base);
    const next = Object.hasOwn(at, part) ? at[part] : undefined;
    if (typeof next !== 'object' || next === null) at[part] = emptyAt(path.slice(0, index + 1), next);
    at = at[part] as Container;
  }
  const last = path.at(-1)!;
  if (!fits(at, last)) return noItem(path, at, base);
  at[last] = read.value;
  positions.forget(path);
  return null;
}

/** A map takes any key; a list only the position of an item it has. */
function fits(at: Container, part: string | number): boolean {
  return !Array.isArray(at) || (typeof part === 'number' && part < at.length);
}

function noItem(path: SpecPath, list: unknown, base: { path: string; value: string }): ErrorProblem {
  const count = (list as unknown[]).length;
  const message = `${formatPath(path)} is not in a list of ${count}`;
  return { ...base, code: 'SPEC_VALUE', message, suggestion: `Positions go from 0 to ${count - 1}.` };
}

function emptyAt(path: SpecPath, previous: unknown): Container {
  const empty = Object.create(null) as Container;
  if (formatPath(path) === 'train.optimizer') empty.type = previous ?? 'adam';
  return empty;
}
