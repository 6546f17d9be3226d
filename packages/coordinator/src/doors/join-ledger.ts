/** Which tokens for a single join were used, and what shows who a worker is after it. Survives restarts in the store. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { writeAtomic } from '../adapters/atomic-file.js';

const schema = z.strictObject({
  format: z.literal(1),
  /** Signs what workers show after their join; base64. */
  key: z.string(),
  /** By id of a token: SHA-256 of the nonce of the process that joined with it, hex. */
  used: z.record(z.string(), z.string()),
});
type Ledger = z.infer<typeof schema>;

const ALGORITHM = 'HS256';
const ISSUER = 'lockstep coordinator';
const AUDIENCE = 'lockstep worker';
const KEY_BYTES = 32;
/** A worker that runs longer joins again before, since no coordinator does. */
const SESSION_DAYS = 365;

const session = z.object({
  sub: z.string().min(1),
  jti: z.string().min(1),
  namespaces: z.array(z.string()).min(1),
});

/** What a worker shows after its join. */
export interface WorkerSessionClaims {
  /** Name that it has joined under. */
  readonly workerId: string;
  /** Id of the token that it joined with. */
  readonly tokenId: string;
  readonly namespaces: readonly string[];
}

/** The ledger of one store. */
export class JoinLedger {
  readonly #path: string;
  readonly #key: Uint8Array;
  readonly #used: Map<string, string>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, { key, used }: Ledger) {
    this.#path = path;
    this.#key = Buffer.from(key, 'base64');
    this.#used = new Map(Object.entries(used));
  }

  /** Reads the ledger, or begins one. @throws LockstepError OUTPUT_UNWRITABLE, DISK_FULL, TOKENS_INVALID */
  static async open(path: string): Promise<JoinLedger> {
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return null;
      throw damaged(path, cause);
    });
    if (text !== null) return new JoinLedger(path, parse(path, text));
    const ledger = new JoinLedger(path, { format: 1, key: randomBytes(KEY_BYTES).toString('base64'), used: {} });
    await ledger.#write();
    return ledger;
  }

  /**
   * Uses a token up, once and for all. The process that did so may come again under the same name: its answer may have
   * been lost.
   * @throws LockstepError UNAUTHENTICATED where another process or name has used it, OUTPUT_UNWRITABLE, DISK_FULL
   */
  async use(
    tokenId: string,
    { processNonce, workerName }: { readonly processNonce: string; readonly workerName: string },
  ): Promise<void> {
    const nonce = createHash('sha256').update(`${processNonce}\n${workerName}`).digest('hex');
    const before = this.#used.get(tokenId);
    if (before === undefined) {
      // Before anything is awaited, so that of two that come at once one is second.
      this.#used.set(tokenId, nonce);
      await this.#write();
    } else if (before !== nonce || processNonce === '') {
      throw new LockstepError('UNAUTHENTICATED', {
        message: `The token ${tokenId} is for a single join, and was used.`,
        fix: 'Make another one with `lockstep tokens create worker NAME --once`.',
      });
    } else await this.#write();
  }

  /** The token that a worker shows after its join. */
  sign({ workerId, tokenId, namespaces }: WorkerSessionClaims): Promise<string> {
    return new SignJWT({ namespaces: [...namespaces] })
      .setProtectedHeader({ alg: ALGORITHM })
      .setSubject(workerId)
      .setJti(tokenId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(`${SESSION_DAYS}d`)
      .sign(this.#key);
  }

  /** What a token says that was signed here. @returns null for any other */
  async read(text: string): Promise<WorkerSessionClaims | null> {
    const checks = { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp'] };
    return jwtVerify(text, this.#key, checks).then(
      ({ payload }) => {
        const { sub, jti, namespaces } = session.parse(payload);
        return { workerId: sub, tokenId: jti, namespaces };
      },
      () => null,
    );
  }

  #write(): Promise<void> {
    const text = (): string => {
      const ledger: Ledger = {
        ...{ format: 1, key: Buffer.from(this.#key).toString('base64') },
        used: Object.fromEntries(this.#used),
      };
      return `${JSON.stringify(ledger)}\n`;
    };
    // One after another, each with all that is known by then.
    this.#writing = this.#writing.catch(() => {}).then(() => writeAtomic(this.#path, [text()], 0o600));
    return this.#writing;
  }
}

function parse(path: string, text: string): Ledger {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function damaged(path: string, cause: unknown): LockstepError {
  return new LockstepError('TOKENS_INVALID', {
    message: `${path} cannot be read, so nobody knows which tokens were used.`,
    ...{ field: '--store', value: path, cause },
    fix: 'Restore it, or delete it after all tokens for a single join were revoked.',
  });
}
