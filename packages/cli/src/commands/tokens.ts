/** `lockstep tokens`: tokens of a coordinator that other machines reach. */
import { collect, examples, type RegisterCommand } from './command.js';

const FILE = ['--file <file>', 'file that the coordinator reads with --tokens', 'lockstep-tokens.json'] as const;

/** Adds `tokens`. */
export const registerTokens: RegisterCommand = (program) => {
  const tokens = program
    .command('tokens')
    .description('make, list and revoke tokens, of which a coordinator keeps hashes')
    .addHelpText(
      'before',
      examples(
        'lockstep tokens create submitter alice --namespace vision > alice.token',
        'lockstep tokens list',
        'lockstep tokens revoke 3f2a91c0   # read by a coordinator within seconds',
      ),
    );
  tokens
    .command('create')
    .description('make a token, print it once and keep its hash')
    .argument('<role>', 'admin, submitter, viewer or worker')
    .argument('<name>', 'who it is for')
    .option(...FILE)
    .option('--namespace <name>', 'namespace whose jobs it is for (repeatable; default: default)', collect, [])
    .option('--once', 'for a single join of a worker')
    .option('--days <n>', 'days that it holds', '90')
    .action(async (role, name, options) => (await import('../actions/tokens.js')).tokensCreate(role, name, options));
  tokens
    .command('list')
    .description('list tokens by their ids')
    .option(...FILE)
    .option('--json', 'one JSON object per token and line')
    .action(async (options) => (await import('../actions/tokens.js')).tokensList(options));
  tokens
    .command('revoke')
    .description('take tokens away')
    .argument('<ids...>', 'ids as tokens list shows them')
    .option(...FILE)
    .action(async (ids, options) => (await import('../actions/tokens.js')).tokensRevoke(ids, options));
};
