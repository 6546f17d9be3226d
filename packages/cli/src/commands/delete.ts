/** `lockstep delete`: delete a job that has ended. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `delete`. */
export const registerDelete: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('delete')
      .description('delete a job that has ended: its record, events, model and checkpoints')
      .argument('<job>', 'job id')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--json', 'one JSON object on stdout: job, state and reason as they were')
    .addHelpText(
      'before',
      examples(
        'lockstep delete breast-cancer-k3x9v2ab',
        `lockstep jobs --limit 0 --json | jq -r 'select(.state == "failed").job' | xargs -n 1 lockstep delete`,
      ),
    )
    .action(async (job, options) => (await import('../actions/delete.js')).deleteJob(job, options));
};
