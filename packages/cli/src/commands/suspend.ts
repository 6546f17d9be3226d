/** `lockstep suspend`: let a job wait until it is resumed. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `suspend`. */
export const registerSuspend: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('suspend')
      .description('stop a job at its last step until `lockstep resume`; its workers work for others meanwhile')
      .argument('<job>', 'job id')
      .option('--reason <text>', 'why; shown by jobs, describe, logs and watch')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--json', 'one JSON object on stdout: job, state, reason and the state before')
    .addHelpText(
      'before',
      examples('lockstep suspend breast-cancer-k3x9v2ab', 'lockstep suspend JOB --reason "the cluster is full"'),
    )
    .action(async (job, options) => (await import('../actions/suspend.js')).suspend(job, options));
};
