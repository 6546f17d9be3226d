/** `lockstep resume`: let a suspended job go on. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `resume`. */
export const registerResume: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('resume')
      .description('let a suspended job go on from its last step, to the same model')
      .argument('<job>', 'job id')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--json', 'one JSON object on stdout: job, state, reason and the state before')
    .addHelpText('before', examples('lockstep resume breast-cancer-k3x9v2ab'))
    .action(async (job, options) => (await import('../actions/resume.js')).resume(job, options));
};
