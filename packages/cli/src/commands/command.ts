/** What every verb of the command line has in common. */
import type { Command, OptionValues } from '@commander-js/extra-typings';

/** Adds one verb to the program; its action is loaded only when the verb runs. */
export type RegisterCommand = (program: Command) => void;

/** Collects a repeatable option. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** Adds what a command needs to reach a coordinator that asks who calls. */
export function accessOptions<Args extends unknown[], Options extends OptionValues, Globals extends OptionValues>(
  command: Command<Args, Options, Globals>,
) {
  return command
    .option('--tls-ca <file>', "speak TLS, and trust this CA's coordinator (default: LOCKSTEP_TLS_CA)")
    .option('--tls-cert <file>', 'own certificate, see lockstep certs (default: LOCKSTEP_TLS_CERT)')
    .option('--tls-key <file>', 'its key (default: LOCKSTEP_TLS_KEY)')
    .option('--token-file <file>', 'file with the token of the coordinator (default: LOCKSTEP_TOKEN is the token)');
}

/** Adds what a command needs to log in to a nats-server that asks who calls. */
export function natsOptions<Args extends unknown[], Options extends OptionValues, Globals extends OptionValues>(
  command: Command<Args, Options, Globals>,
) {
  return command
    .option('--nats-creds <file>', 'token and seed of a user of NATS (default: LOCKSTEP_NATS_CREDS)')
    .option('--nats-user <name>', 'user of NATS (default: LOCKSTEP_NATS_USER)')
    .option('--nats-password-file <file>', 'file with its password (default: LOCKSTEP_NATS_PASSWORD_FILE)')
    .option('--nats-tls-ca <file>', "speak TLS, and trust this CA's nats-server (default: LOCKSTEP_NATS_TLS_CA)")
    .option('--nats-tls-cert <file>', 'certificate to show to it (default: LOCKSTEP_NATS_TLS_CERT)')
    .option('--nats-tls-key <file>', 'its key (default: LOCKSTEP_NATS_TLS_KEY)');
}

/** Adds what a command needs that starts a coordinator, or is one, beside a nats-server that asks who calls. */
export function natsAccountOptions<Args extends unknown[], Options extends OptionValues, Globals extends OptionValues>(
  command: Command<Args, Options, Globals>,
) {
  return natsOptions(command).option(
    '--nats-account-key <file>',
    'key of an account of NATS, which makes a user of each job for workers (default: LOCKSTEP_NATS_ACCOUNT_KEY)',
  );
}

/** Examples that a verb's help leads with. */
export function examples(...lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}
