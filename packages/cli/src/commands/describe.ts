/** `lockstep describe`: all that is known of a job. */
import { examples, type RegisterCommand } from './command.js';

/** Adds `describe`. */
export const registerDescribe: RegisterCommand = (program) => {
  program
    .command('describe')
    .description('show a job: state and reason, spec, progress, history, workers, warnings, failure or result')
    .argument('<job>', 'job id')
    .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)')
    .option('--json', 'one JSON object on stdout, with the whole resolved spec')
    .addHelpText(
      'before',
      examples('lockstep describe breast-cancer-k3x9v2ab', 'lockstep describe JOB --json | jq .error.fix'),
    )
    .action(async (job, options) => (await import('../actions/describe.js')).describe(job, options));
};
