/** `lockstep watch`: follow a job. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `watch`. */
export const registerWatch: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('watch')
      .description('follow a job until it ends; the exit code says how it ended')
      .argument('<job>', 'job id')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--json', 'one JSON object per event on stdout; the last line is the outcome')
    .option('--out <dir>', 'also download the finished run')
    .addHelpText('before', examples('lockstep watch breast-cancer-k3x9v2ab', 'lockstep watch JOB --out runs/job'))
    .action(async (job, options) => (await import('../actions/watch.js')).watch(job, options));
};
