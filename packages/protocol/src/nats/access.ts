/** How a process logs in to NATS, from files, and whom it can let in besides. */
import { readFile } from 'node:fs/promises';
import { LockstepError } from '../errors/lockstep-error.js';
import { TlsFiles, type TlsOptionNames, type TlsPaths } from '../grpc/tls-files.js';
import { accountOf, NatsAccount, type NatsUser } from './account.js';
import type { Credentials } from './credentials.js';
import { Nkey } from './nkey.js';

/** Where secrets are. Nothing of it is needed for a server that asks nobody who it is. */
export interface NatsAccessPaths {
  /** File of a user's token and seed, as `nsc generate creds` writes it. */
  readonly creds?: string;
  /** Name of a user with a password. */
  readonly user?: string;
  /** File of its password. */
  readonly password?: string;
  /** File of the key of an account, or of a signing key of the account that `creds` is of. */
  readonly accountKey?: string;
  /** Certificates, which make it speak TLS and nothing else. */
  readonly tls?: TlsPaths;
}

/** What the files hold. */
export interface NatsAccess {
  /** As whom to connect. */
  readonly credentials: Omit<Credentials, 'name'>;
  /** Makes further users; null without the key of an account. */
  readonly account: NatsAccount | null;
}

/** Names of the options that give the paths, for messages. */
const TLS_OPTIONS: TlsOptionNames = { ca: '--nats-tls-ca', cert: '--nats-tls-cert', key: '--nats-tls-key' };

/** Reads the files. @throws LockstepError NATS_LOGIN_INVALID, TLS_INVALID naming the option, without any secret */
export async function readNatsAccess(paths: NatsAccessPaths = {}): Promise<NatsAccess> {
  const tls = paths.tls ? { tls: (await TlsFiles.open(paths.tls, TLS_OPTIONS)).contents } : {};
  const creds = paths.creds ? await parsed('--nats-creds', paths.creds, parseCreds) : null;
  const readKey = (text: string): NatsAccount =>
    new NatsAccount(Nkey.read('account', text), creds ? accountOf(creds.jwt) : undefined);
  const account = paths.accountKey ? await parsed('--nats-account-key', paths.accountKey, readKey) : null;
  const own = creds ?? account?.user('coordinator', null);
  return { credentials: { ...(own ? { account: own } : await passwordOf(paths)), ...tls }, account };
}

async function passwordOf({ user, password }: NatsAccessPaths): Promise<Pick<Credentials, 'user' | 'password'>> {
  if (user === undefined && password === undefined) return {};
  if (user === undefined || password === undefined) {
    const [given, missing] =
      user === undefined ? ['--nats-password-file', '--nats-user'] : ['--nats-user', '--nats-password-file'];
    throw new LockstepError('NATS_LOGIN_INVALID', {
      message: `${given} is given without ${missing}.`,
      field: missing,
      fix: `Add ${missing}.`,
    });
  }
  return { user, password: await parsed('--nats-password-file', password, parsePassword) };
}

function parsePassword(text: string): string {
  const password = text.replace(/\r?\n$/, '');
  if (password === '' || password.includes('\n')) throw new Error('it does not hold one line');
  return password;
}

/** The two parts of a file of credentials, each between a line of dashes and another. */
function parseCreds(text: string): NatsUser {
  const part = (kind: string): string =>
    new RegExp(`-----BEGIN ${kind}-----\\s+(\\S+)\\s+-+END ${kind}-+`).exec(text)?.[1] ?? '';
  const [jwt, seed] = [part('NATS USER JWT'), part('USER NKEY SEED')];
  if (!jwt || !seed) throw new Error('it does not hold a token and a seed of a user');
  accountOf(jwt);
  Nkey.read('user', seed);
  return { jwt, seed };
}

async function parsed<Value>(option: string, path: string, parse: (text: string) => Value): Promise<Value> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    const message = `${path} cannot be used: ${thrown instanceof Error ? thrown.message : String(thrown)}.`;
    throw new LockstepError('NATS_LOGIN_INVALID', { message, field: option, value: path });
  }
}
