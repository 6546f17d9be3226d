/** `lockstep predict`: score a table with a model. */
import { onDataArgument } from '../data-argument.js';
import { REJECTS_OPTION, readingOptions } from '../table-options.js';
import { collect, examples, type RegisterCommand } from './command.js';

/** Adds `predict`. */
export const registerPredict: RegisterCommand = (program) => {
  readingOptions(
    program
      .command('predict')
      .description('score a table; columns are matched by name')
      .argument('<model>', 'model.onnx written by lockstep')
      .argument('<data>', 'CSV, JSON lines or Parquet: a file, a folder or a pattern')
      .option(
        '--out <file>',
        'where to write: .csv, .tsv, .jsonl, .json or .parquet, text also as .gz (default: stdout)',
      )
      .option(
        '--keep <columns>',
        'columns of the data to copy: a name, or several with commas (repeatable)',
        collect,
        [] as readonly string[],
      )
      .addOption(REJECTS_OPTION),
  )
    .option('--json', 'last line on stdout is one JSON object (needs --out)')
    .addHelpText(
      'before',
      examples(
        'lockstep predict runs/job/model.onnx new.csv --out scored.csv',
        'lockstep predict runs/job/model.onnx new.csv --keep id,name | head',
        'lockstep predict runs/job/model.onnx new.csv --keep "Name, first" --keep id --out scored.json',
      ),
    )
    .action(async (model, data, options) => {
      const { predict } = await import('../actions/predict.js');
      await onDataArgument(data, { skipsBadRows: true }, () => predict(model, data, options));
    });
};
