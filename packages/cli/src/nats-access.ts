/** How to log in to a nats-server that is given: options, else the environment. */
import type { NatsAccessPaths } from '@lockstep/protocol';

/** Options of every verb that takes --nats, and of workers. */
export interface NatsAccessFlags {
  readonly natsCreds?: string | undefined;
  readonly natsUser?: string | undefined;
  readonly natsPasswordFile?: string | undefined;
  readonly natsAccountKey?: string | undefined;
  readonly natsTlsCa?: string | undefined;
  readonly natsTlsCert?: string | undefined;
  readonly natsTlsKey?: string | undefined;
}

/** What is given, by options or LOCKSTEP_NATS_CREDS and so on. */
export function natsAccessOf(flags: NatsAccessFlags): NatsAccessPaths {
  const { env } = process;
  const creds = flags.natsCreds ?? env.LOCKSTEP_NATS_CREDS;
  const user = flags.natsUser ?? env.LOCKSTEP_NATS_USER;
  const password = flags.natsPasswordFile ?? env.LOCKSTEP_NATS_PASSWORD_FILE;
  const accountKey = flags.natsAccountKey ?? env.LOCKSTEP_NATS_ACCOUNT_KEY;
  const ca = flags.natsTlsCa ?? env.LOCKSTEP_NATS_TLS_CA;
  const cert = flags.natsTlsCert ?? env.LOCKSTEP_NATS_TLS_CERT;
  const key = flags.natsTlsKey ?? env.LOCKSTEP_NATS_TLS_KEY;
  const tls = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  return {
    ...(creds ? { creds } : {}),
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
    ...(accountKey ? { accountKey } : {}),
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
  };
}

/** The options that say the same to a process of this command. */
export function natsAccessArgs({ creds, user, password, accountKey, tls }: NatsAccessPaths): readonly string[] {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['--nats-creds', creds],
    ['--nats-user', user],
    ['--nats-password-file', password],
    ['--nats-account-key', accountKey],
    ['--nats-tls-ca', tls?.ca],
    ['--nats-tls-cert', tls?.cert],
    ['--nats-tls-key', tls?.key],
  ];
  return given.flatMap(([option, value]) => (value === undefined ? [] : [option, value]));
}

/** What is given to a worker that runs by itself: never the key of an account, which would let it say anything. */
export function workerAccessOf(flags: NatsAccessFlags): NatsAccessPaths {
  const { accountKey: _, ...access } = natsAccessOf(flags);
  return access;
}

/** What a worker of the same machine connects with: TLS alone where the coordinator makes users. */
export function workersAccess(access: NatsAccessPaths | undefined): NatsAccessPaths | undefined {
  if (access?.accountKey === undefined) return access;
  return access.tls ? { tls: access.tls } : undefined;
}
