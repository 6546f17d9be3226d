/** `lockstep cancel`: end a job. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `cancel`. */
export const registerCancel: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('cancel')
      .description('cancel a job that waits or runs; one that has ended stays as it is')
      .argument('<job>', 'job id')
      .option('--reason <text>', 'why; shown by jobs, describe, logs and watch')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--json', 'one JSON object on stdout: job, state, reason and the state before')
    .addHelpText(
      'before',
      examples('lockstep cancel breast-cancer-k3x9v2ab', 'lockstep cancel JOB --reason "wrong data"'),
    )
    .action(async (job, options) => (await import('../actions/cancel.js')).cancel(job, options));
};
