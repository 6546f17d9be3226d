/** `lockstep init`: a commented job.yaml for a table. */
import { onDataArgument } from '../data-argument.js';
import { readingOptions } from '../table-options.js';
import { examples, type RegisterCommand } from './command.js';

/** Adds `init`. */
export const registerInit: RegisterCommand = (program) => {
  readingOptions(
    program
      .command('init')
      .description('look at a table and write a commented job.yaml that trains at once')
      .argument('<data>', 'CSV, JSON lines or Parquet: a file, a folder or a pattern')
      .requiredOption('--label <column>', 'column to predict')
      .option('--out <file>', 'where to write', 'job.yaml')
      .option('--force', 'replace an existing file'),
  )
    .option('--json', 'last line on stdout is one JSON object')
    .addHelpText(
      'before',
      examples(
        'lockstep init customers.csv --label churned',
        'lockstep init kunden.csv --label churned --decimal , --thousands .',
        'lockstep init a.csv --label y --out a.yaml',
      ),
    )
    .action(async (data, options) => {
      const { INIT, init } = await import('../actions/init.js');
      await onDataArgument(data, INIT, () => init(data, options));
    });
};
