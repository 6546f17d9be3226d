/** Static tokens in a file, of which only hashes are kept. It is read again when it changes. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { TLS_POLL_MS } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { z } from 'zod';
import { NAME, type Principal, ROLES } from '../core/principal.js';

const label = z.string().regex(NAME, 'is no DNS label');
const seconds = z.number().min(0);
const token = z.strictObject({
  /** Names the token in lists and in the audit log; says nothing of its secret. */
  id: z.string().regex(/^[0-9a-f]{8}$/),
  name: label,
  role: z.enum(ROLES),
  namespaces: z.array(z.union([label, z.literal('*')])).min(1),
  /** SHA-256 of the token, hex. A token is random, so that a slow hash would add nothing. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdUnixSeconds: seconds,
  expiresUnixSeconds: seconds,
  /** Good for a single join of a worker. */
  once: z.boolean().default(false),
});
const schema = z.strictObject({ format: z.literal(1), tokens: z.array(token).max(10_000) });

/** A token as it is kept. */
export type KeptToken = z.infer<typeof token>;

/** How every token begins, so that scanners for secrets find one that has leaked. */
const PREFIX = 'lkt_';
const SECRET_BYTES = 32;

/** What a new token is to be. */
export type NewToken = Omit<KeptToken, 'id' | 'sha256' | 'once'> & { readonly once?: boolean };

/** Draws a token. @returns its text, which is kept nowhere, and what is kept */
export function drawToken(of: NewToken): { readonly text: string; readonly kept: KeptToken } {
  const text = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const id = randomBytes(4).toString('hex');
  return { text, kept: { id, once: false, ...of, sha256: hashOf(text).toString('hex') } };
}

/** Reads a file of tokens. @throws LockstepError TOKENS_INVALID */
export async function readTokens(path: string): Promise<readonly KeptToken[]> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8'))).tokens;
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    const why = issue ? `${issue.path.join('.')}: ${issue.message}` : (cause as Error).message;
    throw new LockstepError('TOKENS_INVALID', {
      message: `${path} cannot be used: ${why}`,
      ...{ field: '--tokens', value: path, cause },
    });
  }
}

/** The text of a file of tokens. */
export function writeTokens(tokens: readonly KeptToken[]): string {
  return `${JSON.stringify({ format: 1, tokens }, null, 2)}\n`;
}

/** Tokens that are known now. */
export class TokenFile {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  /** By their SHA-256. */
  #tokens: ReadonlyMap<string, KeptToken>;

  private constructor(path: string, tokens: readonly KeptToken[], onError: (error: LockstepError) => void) {
    this.#path = path;
    this.#tokens = byHash(tokens);
    this.#timer = setInterval(() => void this.refresh().catch(onError), TLS_POLL_MS).unref();
  }

  /** Opens a file. @param onError told of later contents that cannot be used @throws LockstepError TOKENS_INVALID */
  static async open(path: string, onError: (error: LockstepError) => void): Promise<TokenFile> {
    return new TokenFile(path, await readTokens(path), onError);
  }

  /** Looks at the file now; what it held stays known where it cannot be used. @throws LockstepError TOKENS_INVALID */
  async refresh(): Promise<void> {
    this.#tokens = byHash(await readTokens(this.#path));
  }

  /** Who has a token. @returns null where nobody has it, or it has expired */
  find(text: string, unixSeconds: number): Principal | null {
    // One step however many there are. Its time tells of a hash alone, of which nobody can work out what it is made from.
    const found = this.#tokens.get(hashOf(text).toString('hex'));
    if (!found || found.expiresUnixSeconds <= unixSeconds) return null;
    const { id, name, role, namespaces, once } = found;
    const all = role === 'admin' ? ['*'] : namespaces;
    return { id: `token:${id}`, name, role, namespaces: all, anyName: true, ...(once ? { joinToken: id } : {}) };
  }

  /** Whether a token is listed, expired or not. */
  has(id: string): boolean {
    return [...this.#tokens.values()].some((kept) => kept.id === id);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function byHash(tokens: readonly KeptToken[]): ReadonlyMap<string, KeptToken> {
  return new Map(tokens.map((kept) => [kept.sha256, kept]));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
