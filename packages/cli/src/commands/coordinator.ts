/** `lockstep coordinator`: the coordinator alone. */
import { Option } from '@commander-js/extra-typings';
import { collect, examples, natsAccountOptions, type RegisterCommand } from './command.js';

/** Adds `coordinator`. */
export const registerCoordinator: RegisterCommand = (program) => {
  const command = program
    .command('coordinator')
    .description('run a coordinator: takes jobs over gRPC, shards data, runs the step loop')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'gRPC port; 0 takes a free one', '7070')
    .option('--tls-cert <file>', 'certificate of the listeners, see lockstep certs (default: LOCKSTEP_TLS_CERT)')
    .option('--tls-key <file>', 'its key (default: LOCKSTEP_TLS_KEY)')
    .option('--tls-client-ca <file>', "CA of clients' and workers' certificates (default: LOCKSTEP_TLS_CLIENT_CA)")
    .option('--tokens <file>', 'hashed tokens, see lockstep tokens (default: LOCKSTEP_TOKENS)')
    .option('--jwt-issuer <url>', 'take tokens of this OpenID Connect provider too')
    .option('--jwt-audience <name>', 'what they have to be made for')
    .option('--jwt-jwks <url>', 'where the provider publishes its keys')
    .option('--audit-log <file>', 'file of who has done what, one JSON object per line (default: the log)')
    .option('--insecure', 'let other machines in without TLS or without a check of who they are')
    .option(
      '--namespace-weight <name=n>',
      'what a namespace is due of the workers relative to others, 1 to 1000; * stands for the rest; may be repeated (default: 1)',
      collect,
      [],
    )
    .option(
      '--namespace-quota <name=n>',
      'workers that a namespace has at most; * stands for the rest; may be repeated (default: all)',
      collect,
      [],
    )
    .option(
      '--keep-jobs <[name=]time>',
      'how long ended jobs are kept with their models: 90d, 12h, 30m or forever; name= is for one namespace; may be repeated (default: 90d)',
      collect,
      [],
    )
    .option(
      '--keep-jobs-per-namespace <[name=]n>',
      'ended jobs of a namespace that are kept, the newest; may be repeated (default: 1000)',
      collect,
      [],
    )
    .option(
      '--namespace-priority <name=n>',
      'highest run.priority of jobs of a namespace, but for those of an admin; * stands for the rest; may be repeated (default: any)',
      collect,
      [],
    )
    .option('--metrics-port <n>', 'port of the dashboard, /metrics and /healthz; 0 takes a free one', '0')
    .option('--no-dashboard', 'serve no dashboard, only /metrics and health')
    .option('--dashboard-url <url>', 'address that a proxy in front of the dashboard has for browsers')
    .option('--nats <url>', 'nats-server (default: one is started); - reads it from standard input')
    .option('--nats-server <path>', 'nats-server program to start');
  natsAccountOptions(command)
    .option('--store <dir>', 'folder for data, jobs and models', 'lockstep-store')
    .addOption(new Option('--run-folder <dir>', 'folder of the one job that is run').hideHelp())
    .addOption(new Option('--discard-store', 'remove the store when the parent is gone').hideHelp())
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent', 'info')
    .option('--exit-with-parent', 'stop when standard input closes')
    .addHelpText(
      'before',
      examples(
        'lockstep coordinator --port 7070 --store /var/lib/lockstep',
        'lockstep coordinator --nats nats://127.0.0.1:4222',
        "lockstep coordinator --namespace-weight vision=3 --namespace-quota '*=8'",
      ),
    )
    .action(async (options) => (await import('../actions/coordinator.js')).coordinator(options));
};
