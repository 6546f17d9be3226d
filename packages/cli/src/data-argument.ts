/** Errors of a table that is an argument of the command, not the `data.path` of a spec: they name what can be typed. */
import { type ErrorProblem, LockstepError } from '@lockstep/protocol/core';

/** What the verb can be told beside the table. */
export interface DataVerb {
  /** Whether it has `--rejects`. */
  readonly skipsBadRows: boolean;
}

/** Does work on the table DATA; errors that name keys of a spec name the argument and the options instead. */
export async function onDataArgument(path: string, verb: DataVerb, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof LockstepError) || !thrown.code.startsWith('DATA_')) throw thrown;
    throw asArgument(thrown, path, verb);
  }
}

function asArgument(error: LockstepError, path: string, verb: DataVerb): LockstepError {
  const { code, cause, field } = error;
  const isTable = field === 'data.path';
  return new LockstepError(code, {
    message: inOptions(error.message, verb),
    field: isTable ? 'DATA' : field,
    value: isTable ? path : error.value,
    fix: code === 'DATA_NOT_FOUND' ? 'Check the path.' : inOptions(error.fix, verb),
    problems: error.problems.map((problem): ErrorProblem => {
      const { message, suggestion } = problem;
      return {
        ...problem,
        path: problem.path === 'data.path' ? 'DATA' : problem.path,
        message: inOptions(message, verb),
        ...(suggestion === undefined ? {} : { suggestion: inOptions(suggestion, verb) }),
      };
    }),
    cause,
  });
}

/** A message or a fix with options of the command in the place of keys of a spec. */
export function inOptions(text: string, { skipsBadRows }: DataVerb): string {
  const skip = skipsBadRows ? ', or leave bad rows out with --rejects FILE, which lists them' : '';
  return text
    .replace(/, or leave bad rows out: with data\.onBadRow: skip in training, with --rejects in lockstep predict/, skip)
    .replace(/, or name those that belong together in data\.path/, '')
    .replace(
      /\bdata\.(delimiter|quote|encoding|format|decimal|thousands)(?:: (?=["\w])|\b)/g,
      (key, name: string) => `--${name}${key.endsWith(' ') ? ' ' : ''}`,
    )
    .replace(
      /\b([Ss])et (--)/g,
      (_, letter: string, option: string) => `${letter === 'S' ? 'Give' : 'give'} ${option}`,
    );
}
