/** `lockstep evaluate`: metrics of a model on a labelled table. */
import { onDataArgument } from '../data-argument.js';
import { TABLE_OPTIONS } from '../table-options.js';
import { examples, type RegisterCommand } from './command.js';

/** Adds `evaluate`. */
export const registerEvaluate: RegisterCommand = (program) => {
  program
    .command('evaluate')
    .description('metrics of a model on a labelled table')
    .argument('<model>', 'model.onnx written by lockstep')
    .argument('<data>', 'table with the label column, as for predict')
    .addOption(TABLE_OPTIONS.rejects)
    .addOption(TABLE_OPTIONS.format)
    .addOption(TABLE_OPTIONS.delimiter)
    .addOption(TABLE_OPTIONS.quote)
    .addOption(TABLE_OPTIONS.encoding)
    .addOption(TABLE_OPTIONS.decimal)
    .addOption(TABLE_OPTIONS.thousands)
    .option('--json', 'last line on stdout is one JSON object')
    .addHelpText('before', examples('lockstep evaluate runs/job/model.onnx holdout.csv'))
    .action(async (model, data, options) => {
      const { evaluate } = await import('../actions/evaluate.js');
      await onDataArgument(data, { skipsBadRows: true }, () => evaluate(model, data, options));
    });
};
