/** `lockstep describe`: all that is known of a job or a model. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `describe`. */
export const registerDescribe: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('describe')
      .description(
        'show a job: state and reason, spec, progress, history, workers, warnings, failure or result; or the columns and labels of a model',
      )
      .argument('<job|model>', 'job id, or path of a model.onnx')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--json', 'one JSON object on stdout, with the whole resolved spec')
    .addHelpText(
      'before',
      examples(
        'lockstep describe breast-cancer-k3x9v2ab',
        'lockstep describe JOB --json | jq .error.fix',
        'lockstep describe runs/first/model.onnx',
      ),
    )
    .action(async (name, options) => (await import('../actions/describe.js')).describe(name, options));
};
