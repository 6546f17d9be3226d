/** `lockstep jobs`: the jobs of a coordinator. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `jobs`. */
export const registerJobs: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('jobs')
      .description('list the jobs of a coordinator, newest first')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--limit <n>', 'jobs to list at most; 0 lists all', '50')
    .option('--json', 'one JSON object per job and line on stdout; no line where there is no job')
    .addHelpText(
      'before',
      examples(
        'lockstep jobs --server 127.0.0.1:7070',
        'lockstep jobs --limit 0 --json | jq -r \'select(.state == "failed").job\'',
      ),
    )
    .action(async (options) => (await import('../actions/jobs.js')).jobs(options));
};
