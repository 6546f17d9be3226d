/** `lockstep predict`: score a table with a model. */
import { onDataArgument } from '../data-argument.js';
import { examples, type RegisterCommand } from './command.js';

/** Adds `predict`. */
export const registerPredict: RegisterCommand = (program) => {
  program
    .command('predict')
    .description('score a table; columns are matched by name')
    .argument('<model>', 'model.onnx written by lockstep')
    .argument('<data>', 'CSV, JSON lines or Parquet: a file, a folder or a pattern')
    .option('--out <file>', 'where to write: .csv, .tsv, .jsonl or .parquet, text also as .gz (default: stdout)')
    .option('--keep <columns>', 'columns of the data to copy, separated by commas')
    .option('--rejects <file>', 'leave bad rows out and list them there (default: refuse the table)')
    .option('--format <format>', 'csv, parquet or jsonl (default: found)')
    .option('--delimiter <sign>', 'what stands between cells of CSV (default: found)')
    .option('--quote <sign>', 'what stands around cells of CSV, "" for nothing (default: \'"\')')
    .option('--encoding <encoding>', 'utf-8, utf-16 or latin1 (default: by the byte order mark, else utf-8)')
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
