/** `lockstep nats-config`: lets a nats-server trust the users that a coordinator makes. */
import { examples, type RegisterCommand } from './command.js';

/** Adds `nats-config`. */
export const registerNatsConfig: RegisterCommand = (program) => {
  program
    .command('nats-config')
    .description("print lines for a nats-server's configuration that let in nobody but users of an account")
    .requiredOption('--account-key <file>', 'key of the account, which a coordinator has as --nats-account-key')
    .option('--out <file>', 'file to write instead')
    .addHelpText(
      'before',
      examples(
        'openssl genpkey -algorithm ed25519 -out account.pem',
        'lockstep nats-config --account-key account.pem --out account.conf   # nats.conf: include account.conf',
        'lockstep coordinator --nats nats://10.0.0.4:4222 --nats-account-key account.pem',
      ),
    )
    .action(async (options) => (await import('../actions/nats-config.js')).natsConfig(options));
};
