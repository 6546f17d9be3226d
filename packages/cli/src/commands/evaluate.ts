/** `lockstep evaluate`: metrics of a model on a labelled table. */
import { onDataArgument } from '../data-argument.js';
import { examples, type RegisterCommand } from './command.js';

/** Adds `evaluate`. */
export const registerEvaluate: RegisterCommand = (program) => {
  program
    .command('evaluate')
    .description('metrics of a model on a labelled table')
    .argument('<model>', 'model.onnx written by lockstep')
    .argument('<data>', 'table with the label column, as for predict')
    .option('--format <format>', 'csv, parquet or jsonl (default: found)')
    .option('--delimiter <sign>', 'what stands between cells of CSV (default: found)')
    .option('--quote <sign>', 'what stands around cells of CSV, "" for nothing (default: \'"\')')
    .option('--encoding <encoding>', 'utf-8, utf-16 or latin1 (default: by the byte order mark, else utf-8)')
    .option('--json', 'last line on stdout is one JSON object')
    .addHelpText('before', examples('lockstep evaluate runs/job/model.onnx holdout.csv'))
    .action(async (model, data, options) => {
      const { evaluate } = await import('../actions/evaluate.js');
      await onDataArgument(data, () => evaluate(model, data, options));
    });
};
