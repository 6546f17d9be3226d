/**
 * Users of a NATS account, made by whoever has its key: each is a JSON Web Token that says what its holder may hear and
 * say, which any nats-server takes that trusts the account.
 * https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt
 */
import { Nkey } from './nkey.js';

export { Nkey };

/** What a user shows to log in. */
export interface NatsUser {
  /** JSON Web Token that names its key and what it may. */
  readonly jwt: string;
  /** Seed of its key, which signs what the server draws. */
  readonly seed: string;
}

/** Subjects that a user may subscribe to and publish to, and no others. */
export interface NatsRights {
  readonly subscribe: readonly string[];
  readonly publish: readonly string[];
}

/** An account, by a key that may make users of it. */
export class NatsAccount {
  readonly #key: Nkey;
  readonly #account: string;

  /** @param account id of the account, where the key is one of its signing keys. @default the key is the account's own */
  constructor(key: Nkey, account: string = key.id) {
    this.#key = key;
    this.#account = account;
  }

  /** Makes a user. @param rights null for all */
  user(name: string, rights: NatsRights | null): NatsUser {
    const key = Nkey.draw('user');
    const claims = {
      ...(this.#key.id === this.#account ? {} : { issuer_account: this.#account }),
      ...(rights ? { sub: permissions(rights.subscribe), pub: permissions(rights.publish) } : {}),
      ...{ subs: -1, data: -1, payload: -1, type: 'user', version: 2 },
    };
    return { jwt: signed(this.#key, { name, sub: key.id, nats: claims }), seed: key.seed };
  }
}

/** An empty list would allow all: what may not be said at all is denied. */
function permissions(subjects: readonly string[]): object {
  return subjects.length > 0 ? { allow: subjects } : { deny: ['>'] };
}

/**
 * Lines of a nats-server's configuration that let nobody in but users of one account, which may use JetStream.
 * The operator, whom the server trusts, is made for them and forgotten.
 */
export function accountConfig(key: Nkey): string {
  const operator = Nkey.draw('operator');
  const system = Nkey.draw('account');
  const limits = { subs: -1, data: -1, payload: -1, conn: -1, leaf: 0, imports: 0, exports: 0, wildcards: true };
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const account = ({ id }: Nkey, name: string, more: object): string =>
    signed(operator, { name, sub: id, nats: { limits: { ...limits, ...more }, type: 'account', version: 2 } });
  const own = { system_account: system.id, type: 'operator', version: 2 };
  return `operator: ${signed(operator, { name: 'lockstep', sub: operator.id, nats: own })}
system_account: ${system.id}
resolver: MEMORY
resolver_preload: {
  ${key.id}: ${account(key, 'lockstep', storage)}
  ${system.id}: ${account(system, 'system', {})}
}
`;
}

/** The account that a user's token belongs to. @throws Error where it is none */
export function accountOf(jwt: string): string {
  const { iss, nats } = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly iss?: string;
    readonly nats?: { readonly issuer_account?: string };
  };
  const account = nats?.issuer_account || iss;
  if (!account?.startsWith('A')) throw new Error('its token names no account');
  return account;
}

function signed(by: Nkey, claims: Readonly<Record<string, unknown>>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(Date.now() / 1000);
  const text = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part({ ...claims, iss: by.id, iat })}`;
  return `${text}.${by.sign(text)}`;
}
