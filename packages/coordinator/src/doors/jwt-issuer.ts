/** Tokens of an OpenID Connect provider: signed by keys that it publishes, and checked here. */
import { isLoopback } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import type { JwtConfig } from '../config.js';
import { DEFAULT_NAMESPACE, NAME, type Principal } from '../core/principal.js';

/** Signatures that only the holder of a private key can make: neither "none" nor the shared secrets of HS256. */
const ALGORITHMS: readonly string[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'];
/** Clocks of two machines may differ by this. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** Milliseconds until keys are fetched, and until a key that is not known may be asked for again. */
const FETCH_MS = 5_000;
/** Milliseconds after which keys are fetched again, so that one that was withdrawn is taken no more. */
const KEYS_FRESH_MS = 600_000;
/** Milliseconds that the last good keys stay in use while the provider does not answer. */
const KEYS_KEPT_MS = 24 * 3_600_000;

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
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #askedMs = 0;
  /** Until when a provider that has failed is left alone: wrong tokens must not make a flood of questions. */
  #pausedUntilMs = 0;

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
    this.#keys = createRemoteJWKSet(url, {
      ...{ timeoutDuration: FETCH_MS, cooldownDuration: FETCH_MS, cacheMaxAge: KEYS_KEPT_MS },
      [customFetch]: this.#fetch,
    });
  }

  /**
   * Whom a token stands for.
   * @returns null where it is none that holds here
   * @throws LockstepError IDENTITY_UNAVAILABLE where the keys that would tell cannot be had
   */
  async find(text: string): Promise<Principal | null> {
    const { issuer, audience } = this.#config;
    try {
      const { payload } = await jwtVerify(text, this.#keyOf, {
        ...{ issuer, audience, algorithms: [...ALGORITHMS], clockTolerance: CLOCK_TOLERANCE_SECONDS },
        requiredClaims: ['exp', 'sub'],
      });
      const { sub, lockstep_role: role, lockstep_namespaces: given } = claims.parse(payload);
      return { id: `jwt:${sub}`, name: sub, role, namespaces: role === 'admin' ? ['*'] : given };
    } catch (thrown) {
      if (thrown instanceof LockstepError) throw thrown;
      // Which check failed is for nobody who cannot make a token that holds.
      return null;
    }
  }
  readonly #keyOf: JWTVerifyGetKey = async (header, token) => {
    const isOld = Date.now() - this.#askedMs > KEYS_FRESH_MS;
    // Nobody waits for it: those that are known hold until there are newer ones.
    if (isOld && this.#keys.jwks()) this.#keys.reload().catch(() => {});
    try {
      return await this.#keys(header, token);
    } catch (cause) {
      if (TOKEN_FAULTS.some((fault) => cause instanceof fault)) throw cause;
      throw new LockstepError('IDENTITY_UNAVAILABLE', { field: '--jwt-jwks', value: this.#config.jwksUrl, cause });
    }
  };

  readonly #fetch: FetchImplementation = async (url, options) => {
    const nowMs = Date.now();
    if (nowMs < this.#pausedUntilMs) throw new Error('The provider has failed a moment ago.');
    this.#askedMs = nowMs;
    this.#pausedUntilMs = nowMs + FETCH_MS;
    const response = await fetch(url, options);
    if (response.ok) this.#pausedUntilMs = 0;
    return response;
  };
}

/** Of a token, not of the provider: its key is not among those that are published, or of a kind that is not taken. */
const TOKEN_FAULTS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported] as const;
