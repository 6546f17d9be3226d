/** Who may reach a coordinator: options, else the environment. */
import type { JwtConfig, SecurityConfig } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/protocol/core';

/** Options of verbs that start a coordinator. */
export interface SecurityFlags {
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsClientCa?: string | undefined;
  readonly tokens?: string | undefined;
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: string | undefined;
  readonly jwtJwks?: string | undefined;
  readonly auditLog?: string | undefined;
  readonly insecure?: true | undefined;
}

/** @throws LockstepError USAGE where one of the three is missing */
function jwtOf({ jwtIssuer, jwtAudience, jwtJwks }: SecurityFlags): JwtConfig | null {
  if (jwtIssuer === undefined && jwtAudience === undefined && jwtJwks === undefined) return null;
  if (jwtIssuer && jwtAudience && jwtJwks) return { issuer: jwtIssuer, audience: jwtAudience, jwksUrl: jwtJwks };
  const field = jwtIssuer === undefined ? '--jwt-issuer' : jwtAudience === undefined ? '--jwt-audience' : '--jwt-jwks';
  const message = 'A provider of tokens is known by its issuer, the audience and where its keys are: one is missing.';
  throw new LockstepError('USAGE', { message, field, fix: `Add ${field}.` });
}

/** What is given, by options or LOCKSTEP_TLS_CERT, LOCKSTEP_TLS_KEY, LOCKSTEP_TLS_CLIENT_CA and LOCKSTEP_TOKENS. */
export function securityOf(flags: SecurityFlags): SecurityConfig {
  const { tlsCert, tlsKey, tlsClientCa, tokens, auditLog, insecure } = flags;
  const jwt = jwtOf(flags);
  const { LOCKSTEP_TLS_CERT, LOCKSTEP_TLS_KEY, LOCKSTEP_TLS_CLIENT_CA, LOCKSTEP_TOKENS } = process.env;
  const cert = tlsCert ?? LOCKSTEP_TLS_CERT;
  const key = tlsKey ?? LOCKSTEP_TLS_KEY;
  const ca = tlsClientCa ?? LOCKSTEP_TLS_CLIENT_CA;
  const tokensPath = tokens ?? LOCKSTEP_TOKENS;
  const tls = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  return {
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
    ...(tokensPath ? { tokensPath } : {}),
    ...(jwt ? { jwt } : {}),
    ...(auditLog ? { auditPath: auditLog } : {}),
    ...(insecure ? { insecure } : {}),
  };
}
