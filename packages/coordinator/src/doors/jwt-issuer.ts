/** Tokens of an OpenID Connect provider: signed by keys that it publishes, and checked here. */
import { isLoopback } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { JwtConfig } from '../config.js';
import { DEFAULT_NAMESPACE, NAME, type Principal } from '../core/principal.js';

/** Signatures that only the holder of a private key can make: neither "none" nor the shared secrets of HS256. */
const ALGORITHMS: readonly string[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'];
/** Clocks of two machines may differ by this. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** Milliseconds until keys are fetched, and until a key that is not known may be asked for again. */
const FETCH_MS = 5_000;

const claims = z.object({
  sub: z.string().min(1).max(255),
  exp: z.number(),
  lockstep_role: z.enum(['admin', 'submitter', 'viewer', 'worker']),
  lockstep_namespaces: z
    .array(z.union([z.string().regex(NAME), z.literal('*')]))
    .min(1)
    .max(100)
    .default([DEFAULT_NAMESPACE]),
});

/** One provider, whose issuer, audience and address of keys are fixed by whoever runs the coordinator. */
export class JwtIssuer {
  readonly #config: JwtConfig;
  readonly #keys: JWTVerifyGetKey;

  /** @throws LockstepError USAGE where keys would be fetched in the clear */
  constructor(config: JwtConfig) {
    const url = URL.canParse(config.jwksUrl) ? new URL(config.jwksUrl) : null;
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
    if (!url || !isSafe) {
      const message = 'Keys that tell who may come in are fetched over https alone.';
      throw new LockstepError('USAGE', {
        message,
        field: '--jwt-jwks',
        value: config.jwksUrl,
        fix: 'Give an https URL.',
      });
    }
    this.#config = config;
    // Whatever a token's own head says of keys, `jku` and `x5u`, is not looked at; `kid` chooses among these.
    this.#keys = createRemoteJWKSet(url, { timeoutDuration: FETCH_MS, cooldownDuration: FETCH_MS });
  }

  /** Whom a token stands for. @returns null where it is none that holds here */
  async find(text: string): Promise<Principal | null> {
    const { issuer, audience } = this.#config;
    try {
      const { payload } = await jwtVerify(text, this.#keys, {
        ...{ issuer, audience, algorithms: [...ALGORITHMS], clockTolerance: CLOCK_TOLERANCE_SECONDS },
        requiredClaims: ['exp', 'sub'],
      });
      const { sub, lockstep_role: role, lockstep_namespaces: given } = claims.parse(payload);
      return { id: `jwt:${sub}`, name: sub, role, namespaces: role === 'admin' ? ['*'] : given };
    } catch {
      // Which check failed is for nobody who cannot make a token that holds.
      return null;
    }
  }
}
