/** `lockstep evaluate`: metrics of a model on a labelled table. */
import { onDataArgument } from '../data-argument.js';
import { REJECTS_OPTION, readingOptions } from '../table-options.js';
import { examples, type RegisterCommand } from './command.js';

/** Adds `evaluate`. */
export const registerEvaluate: RegisterCommand = (program) => {
  readingOptions(
    program
      .command('evaluate')
      .description('metrics of a model on a labelled table')
      .argument('<model>', 'model.onnx written by lockstep')
      .argument('<data>', 'table with the label column, as for predict')
      .addOption(REJECTS_OPTION),
  )
    .option('--json', 'last line on stdout is one JSON object')
    .addHelpText('before', examples('lockstep evaluate runs/job/model.onnx holdout.csv'))
    .action(async (model, data, options) => {
      const { evaluate } = await import('../actions/evaluate.js');
      await onDataArgument(data, { skipsBadRows: true }, () => evaluate(model, data, options));
    });
};
