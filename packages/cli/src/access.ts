/** How remote verbs show who they are: options, else the environment. */
import type { AccessOptions } from '@lockstep/protocol';

/** Options of every verb that dials a coordinator. */
export interface AccessFlags {
  readonly tlsCa?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** What is given, by options or LOCKSTEP_TLS_CA, LOCKSTEP_TLS_CERT, LOCKSTEP_TLS_KEY and LOCKSTEP_TOKEN. */
export function accessOf({ tlsCa, tlsCert, tlsKey, tokenFile }: AccessFlags, given?: string): AccessOptions {
  const { LOCKSTEP_TLS_CA, LOCKSTEP_TLS_CERT, LOCKSTEP_TLS_KEY, LOCKSTEP_TOKEN } = process.env;
  const ca = tlsCa ?? LOCKSTEP_TLS_CA;
  const cert = tlsCert ?? LOCKSTEP_TLS_CERT;
  const key = tlsKey ?? LOCKSTEP_TLS_KEY;
  const token = given ?? LOCKSTEP_TOKEN;
  return {
    tls: { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) },
    ...(tokenFile ? { tokenFile } : token ? { token } : {}),
  };
}
