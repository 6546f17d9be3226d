/** Who may read /metrics of a worker from another machine: whoever has the token of a file. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isLoopback } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';

/** Characters of a token at least: fewer can be guessed. */
const LEAST_TOKEN = 16;

/** Where a worker serves its metrics, and to whom. */
export interface MetricsAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** File of the token that /metrics asks for; read at each request, so that another one may take its place. @default none is asked for */
  readonly tokenFile?: string;
  /** Lets other machines read them without one. @default false */
  readonly insecure?: boolean;
}

/** Looks at the header `authorization` of a request. */
export type MetricsAccess = (authorization: string | undefined) => Promise<boolean>;

/**
 * Makes sure that metrics are not open to other machines by mistake.
 * @throws LockstepError LISTENER_UNPROTECTED, TOKENS_INVALID where the file has no token
 */
export async function metricsAccess({ host, tokenFile, insecure = false }: MetricsAddress): Promise<MetricsAccess> {
  if (tokenFile === undefined) {
    if (insecure || isLoopback(host)) return async () => true;
    throw new LockstepError('LISTENER_UNPROTECTED', {
      message: `Other machines reach ${host}, and /metrics asks nobody who it is.`,
      ...{ field: '--metrics-host', value: host },
      fix: 'Give --metrics-token-file, or --metrics-insecure on a network that is somebody else’s door.',
    });
  }
  await readToken(tokenFile);
  return async (authorization) => {
    const shown = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
    // A file that has gone opens nothing.
    const token = await readToken(tokenFile).catch(() => null);
    return token !== null && timingSafeEqual(hashOf(shown), hashOf(token));
  };
}

async function readToken(path: string): Promise<string> {
  const field = '--metrics-token-file';
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new LockstepError('TOKENS_INVALID', { message: `${path} cannot be read: ${cause.message}`, field, cause });
  });
  const token = text.trim();
  if (token.length >= LEAST_TOKEN && !/\s/.test(token)) return token;
  const message = `${path} holds no token of ${LEAST_TOKEN} characters or more on one line.`;
  throw new LockstepError('TOKENS_INVALID', { message, field, fix: 'Write one with `openssl rand -hex 32`.' });
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
