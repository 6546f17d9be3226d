/** `lockstep predict`: score a table with a model. */
import { onDataArgument } from '../data-argument.js';
import { examples, type RegisterCommand } from './command.js';

/** Adds `predict`. */
export const registerPredict: RegisterCommand = (program) => {
  program
    .command('predict')
    .description('score a table; columns are matched by name')
    .argument('<model>', 'model.onnx written by lockstep')
    .argument('<data>', 'CSV file')
    .option('--out <file>', 'where to write the predictions (default: stdout)')
    .option('--keep <columns>', 'columns of the data to copy, separated by commas')
    .option('--json', 'last line on stdout is one JSON object (needs --out)')
    .addHelpText(
      'before',
      examples(
        'lockstep predict runs/job/model.onnx new.csv --out scored.csv',
        'lockstep predict runs/job/model.onnx new.csv --keep id,name | head',
      ),
    )
    .action(async (model, data, options) => {
      const { predict } = await import('../actions/predict.js');
      await onDataArgument(data, () => predict(model, data, options));
    });
};
