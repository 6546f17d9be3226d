/** What commander says of a command line that it cannot read, as an error of the catalogue. */
import type { CommanderError, CommandUnknownOpts } from '@commander-js/extra-typings';
import { LockstepError } from '@lockstep/protocol/core';

/** The remedy by commander's code, from what its message puts in quotes. */
const FIXES: Readonly<Record<string, (named: string) => string>> = {
  'commander.optionMissingArgument': (option) => `Write ${option.split(', ').at(-1)}.`,
  'commander.missingMandatoryOptionValue': (option) => `Add ${option.split(', ').at(-1)}.`,
  'commander.excessArguments': () => 'Leave out what is too much, and quote what holds blanks.',
};

/**
 * The error for a command line; the remedy is the nearest right name where one is near.
 * @param command words of the command that was being read, as `lockstep train`
 */
export function usageError({ code, message }: CommanderError, command: string): LockstepError {
  const seeHelp = `See \`${command} --help\`.`;
  if (code === 'commander.help')
    return new LockstepError('USAGE', { message: 'No verb was understood.', fix: seeHelp });
  const [what = ''] = message.replace(/^error: /, '').split('\n');
  const named = /'([^']+)'/.exec(what)?.[1] ?? '';
  const word = named.replace(/^-\w, /, '').split(' ')[0] ?? '';
  const near = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message)?.[1];
  const fix = near ? `Use ${near.replace(/, ([^,]+)$/, ' or $1')}.` : FIXES[code]?.(named);
  return new LockstepError('USAGE', {
    ...placeOf(code, word),
    message: `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/\.$/, '')}.`,
    fix: fix ? `${fix} ${seeHelp}` : seeHelp,
  });
}

function placeOf(code: string, word: string): { readonly field: string; readonly value?: string } {
  switch (code) {
    case 'commander.unknownCommand':
      return { field: 'VERB', value: word };
    case 'commander.missingArgument':
      return { field: word.toUpperCase() };
    case 'commander.excessArguments':
      return { field: '' };
    default:
      return { field: word };
  }
}

/** Refuses words of nothing, as a shell variable that is not set leaves them. @throws LockstepError USAGE */
export function refuseEmpty(command: CommandUnknownOpts): void {
  const values: Readonly<Record<string, unknown>> = command.opts();
  const option = command.options.find((found) => values[found.attributeName()] === '');
  const argument = command.registeredArguments[command.args.indexOf('')];
  const field = option?.long ?? argument?.name().toUpperCase();
  if (!field) return;
  const fix = `Give it one${argument?.required ? '' : ', or leave it out'}.`;
  throw new LockstepError('USAGE', { message: `${field} has an empty value.`, field, fix });
}
