/** `lockstep certs`: certificates for coordinators that other machines reach. */
import { collect, examples, type RegisterCommand } from './command.js';

const DIR = ['--dir <dir>', 'folder of the certificates and keys', 'lockstep-certs'] as const;

/** Adds `certs`. */
export const registerCerts: RegisterCommand = (program) => {
  const certs = program
    .command('certs')
    .description('make, renew and show certificates of coordinators, workers and users')
    .addHelpText(
      'before',
      examples(
        'lockstep certs init',
        'lockstep certs issue server --host train.example.org --host 10.0.0.5',
        'lockstep certs issue worker gpu-1',
        'lockstep certs issue submitter alice --namespace vision',
        'lockstep certs renew --within 30   # read by what runs within seconds',
      ),
    );
  certs
    .command('init')
    .description('make a certificate authority')
    .option(...DIR)
    .option('--name <name>', 'name of the authority', 'lockstep CA')
    .option('--days <n>', 'days that it holds', '3650')
    .action(async (options) => (await import('../actions/certs.js')).certsInit(options));
  certs
    .command('issue')
    .description('issue a certificate: of a server, or of an admin, submitter, viewer or worker')
    .argument('<role>', 'server, admin, submitter, viewer or worker')
    .argument('[name]', 'who it is for; a worker joins under this name')
    .option(...DIR)
    .option('--host <name>', 'name or address that a server is reached by (repeatable)', collect, [])
    .option('--namespace <name>', 'namespace whose jobs it is for (default: default)')
    .option('--days <n>', 'days that it holds', '90')
    .action(async (role, name, options) => (await import('../actions/certs.js')).certsIssue(role, name, options));
  certs
    .command('renew')
    .description('issue certificates again, with new keys; what runs reads them without a restart')
    .argument('[names...]', 'which ones; ca renews the authority for its own key (default: all but ca)')
    .option(...DIR)
    .option('--days <n>', 'days that they hold', '90')
    .option('--within <days>', 'only those that expire within so many days')
    .action(async (names, options) => (await import('../actions/certs.js')).certsRenew(names, options));
  certs
    .command('show')
    .description('list certificates, whom they name and when they expire')
    .option(...DIR)
    .option('--json', 'one JSON object per certificate and line')
    .action(async (options) => (await import('../actions/certs.js')).certsShow(options));
};
