/** `lockstep workers`: the workers of a coordinator. */
import { accessOptions, examples, type RegisterCommand } from './command.js';

/** Adds `workers`. */
export const registerWorkers: RegisterCommand = (program) => {
  accessOptions(
    program
      .command('workers')
      .description('list the connected workers of a coordinator: host, engine, lanes at once, and what they work for')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER)'),
  )
    .option('--json', 'one JSON object per worker and line on stdout; no line where there is no worker')
    .addHelpText(
      'before',
      examples(
        'lockstep workers --server 127.0.0.1:7070',
        'lockstep workers --json | jq -r \'select(.state == "free").worker\'',
      ),
    )
    .action(async (options) => (await import('../actions/workers.js')).workers(options));
};
