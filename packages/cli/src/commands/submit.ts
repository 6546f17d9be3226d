/** `lockstep submit`: hand a job to a running coordinator. */
import { accessOptions, collect, examples, type RegisterCommand } from './command.js';

/** Adds `submit`. */
export const registerSubmit: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('submit')
      .description('send a job and its data to a coordinator, then follow it')
      .argument('<spec>', 'job.yaml')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--out <dir>', 'folder for the finished run (default: runs/<name>)')
    .option('--set <key=value>', 'replace a value of the spec (repeatable)', collect, [])
    .option('--seed <n>', 'replace train.seed')
    .option('--workers <n>', 'replace run.workers')
    .option('--trace <file>', 'write when each phase of each step ran, for Perfetto or chrome://tracing')
    .option('--rebase-numerics', 'go on with workers that compute other bits where none of the own class is left')
    .option('--namespace <name>', "namespace of the job (default: the token's or certificate's)")
    .option('--request-id <id>', 'the same id gives the same job (default: a new one)')
    .option('--no-wait', 'print the job id and return')
    .option('--json', 'last line on stdout is one JSON object')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'before',
      examples('lockstep submit job.yaml --server 127.0.0.1:7070', 'lockstep submit job.yaml --no-wait --json'),
    )
    .action(async (spec, options) => (await import('../actions/submit.js')).submit(spec, options));
};
