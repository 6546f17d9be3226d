/** `lockstep explain`: what a key of the spec means. */
import { examples, type RegisterCommand } from './command.js';

/** Adds `explain`. */
export const registerExplain: RegisterCommand = (program) => {
  program
    .command('explain')
    .description('what a key of the job spec means: type, default, allowed values')
    .argument('[key]', 'dotted path, e.g. train.optimizer', '')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'before',
      examples('lockstep explain', 'lockstep explain split.stratify', 'lockstep explain train.optimizer.adam'),
    )
    .action(async (key, options) => (await import('../actions/explain.js')).explain(key, options));
};
