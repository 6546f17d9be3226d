/** `lockstep profile`: what is in a table, and what to do about it. */
import { onDataArgument } from '../data-argument.js';
import { readingOptions } from '../table-options.js';
import { examples, type RegisterCommand } from './command.js';

/** Adds `profile`. */
export const registerProfile: RegisterCommand = (program) => {
  readingOptions(
    program
      .command('profile')
      .description('look at a table: types, missing cells, ranges, leaks, copies, each with the line for the spec')
      .argument('<data>', 'table: a file, a folder or a pattern')
      .option('--label <column>', 'column to predict: adds classes and what leaks them')
      .option('--html <file>', 'also write all of it as one page'),
  )
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      examples(
        'lockstep profile customers.csv --label churned',
        'lockstep profile customers.csv --label churned --html profile.html',
        'lockstep profile customers.csv --json | jq -r ".findings[].yaml"',
      ),
    )
    .action(async (data, options) => {
      const { profile } = await import('../actions/profile.js');
      await onDataArgument(data, { skipsBadRows: false }, () => profile(data, options));
    });
};
