/** `lockstep logs`: what happened to a job. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `logs`. */
export const registerLogs: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('logs')
      .description('print the events of a job as lines: time, step, what happened')
      .argument('<job>', 'job id')
      .option('-f, --follow', 'go on until the job ends; exit code 0 when it succeeded, else 1')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--json', 'one JSON object per event and line, as of watch')
    .addHelpText(
      'before',
      examples('lockstep logs breast-cancer-k3x9v2ab', 'lockstep logs JOB -f', 'lockstep logs JOB --json | jq .note'),
    )
    .action(async (job, options) => (await import('../actions/logs.js')).logs(job, options));
};
