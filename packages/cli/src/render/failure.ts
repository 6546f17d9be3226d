/** Shows one error on one screen: what, where, the value found and the fix. */
import type { LockstepError } from '@lockstep/protocol/core';
import pc from 'picocolors';
import { visible } from './visible.js';

const MAX_PROBLEMS = 20;

/** Writes an error for people. Nothing else is said after it. */
export function renderFailure(error: LockstepError, stream: NodeJS.WritableStream): void {
  const lines = [`${pc.red('error')} ${pc.bold(error.code)}: ${visible(error.message)}`];
  for (const problem of error.problems.slice(0, MAX_PROBLEMS)) {
    const at = problem.line ? `${problem.line}:${problem.column ?? 1}` : '-';
    const value = problem.value ? ` (found ${visible(problem.value)})` : '';
    lines.push(
      `  ${pc.dim(at.padEnd(7))} ${pc.cyan(visible(problem.path) || '(file)')}: ${visible(problem.message)}${value}`,
    );
    if (problem.suggestion) lines.push(`          ${pc.green('fix')}: ${visible(problem.suggestion)}`);
  }
  if (error.problems.length > MAX_PROBLEMS) lines.push(`  ... and ${error.problems.length - MAX_PROBLEMS} more`);
  if (error.field) lines.push(`  ${pc.dim('field')} ${visible(error.field)}`);
  if (error.value) lines.push(`  ${pc.dim('value')} ${visible(error.value)}`);
  if (error.fix && !error.problems.some(({ suggestion }) => suggestion))
    lines.push(`  ${pc.green('fix')}   ${visible(error.fix)}`);
  if (process.env.LOCKSTEP_DEBUG && error.stack) lines.push(error.stack);
  stream.write(`${lines.join('\n')}\n`);
}
