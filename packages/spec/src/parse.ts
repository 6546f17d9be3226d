/** From the text of a spec to a resolved spec, or to every problem it has. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import { contradictions } from './contradictions.js';
import { MAX_PROBLEMS } from './limits.js';
import { applyOverride } from './override.js';
import { problemsOf } from './problems.js';
import { readYaml } from './read-yaml.js';
import { resolveSpec, withoutAccumulation } from './resolve.js';
import { jobSpecSchema, type ResolvedJobSpec } from './schema.js';

/** Result of reading a spec: `spec` is null exactly when there are problems. */
export interface ParseResult {
  readonly spec: ResolvedJobSpec | null;
  readonly problems: readonly ErrorProblem[];
}

/** How a spec is read. */
export interface ParseOptions {
  /** Replacements by dotted path; each value is YAML. */
  readonly overrides?: Readonly<Record<string, string>>;
}

/** Reads a spec. All problems are reported at once, with line and column where they stand in the text. Never throws. */
export function parseJobSpec(text: string, { overrides = {} }: ParseOptions = {}): ParseResult {
  const source = readYaml(text);
  const problems: ErrorProblem[] = [...source.problems];
  const root = source.value;
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    return { spec: null, problems: problems.length > 0 ? problems : [notAMap(root)] };
  }
  for (const [path, value] of Object.entries(overrides)) {
    const problem = applyOverride(root, source.positions, path, value);
    if (problem) problems.push(problem);
  }
  const subject = { root, positions: source.positions };
  const parsed = jobSpecSchema.safeParse(root);
  if (!parsed.success) {
    problems.push(...problemsOf(parsed.error.issues, subject));
    return { spec: null, problems: sorted(problems) };
  }
  const spec = resolveSpec(parsed.data);
  problems.push(...contradictions(spec, subject));
  return problems.length > 0
    ? { spec: null, problems: sorted(problems) }
    : { spec: withoutAccumulation(spec), problems: [] };
}

function notAMap(value: unknown): ErrorProblem {
  return {
    path: '',
    line: 1,
    column: 1,
    code: 'SPEC_SYNTAX',
    message: value === null ? 'The spec is empty' : 'A job spec is a map of keys',
    suggestion: '`lockstep init DATA --label COLUMN` writes a spec to start from.',
  };
}

function sorted(problems: readonly ErrorProblem[]): ErrorProblem[] {
  return [...problems]
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
    .slice(0, MAX_PROBLEMS);
}
