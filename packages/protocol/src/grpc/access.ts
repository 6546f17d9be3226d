/** How whoever dials a coordinator shows who it is, and knows whom it has reached. */
import { readFile } from 'node:fs/promises';
import * as grpc from '@grpc/grpc-js';
import { LockstepError } from '../errors/lockstep-error.js';
import { hostOf, isLoopback } from '../loopback.js';
import { CLIENT_TLS_OPTIONS, TlsFiles, type TlsPaths } from './tls-files.js';

/** What a user gives. Nothing of it is needed on loopback. */
export interface AccessOptions {
  /** TLS is spoken where `ca` is given; a certificate of one's own needs it too. */
  readonly tls?: TlsPaths;
  /** Token of the coordinator, or one for a single join of a worker. */
  readonly token?: string;
  /** File that holds the token; read anew for each connection. @default none */
  readonly tokenFile?: string;
}

/** The same, read and checked. */
export class Access {
  readonly tls: TlsFiles | null;
  /** Sent with every call that begins from now on; '' sends none. */
  token: string;

  constructor(tls: TlsFiles | null, token: string) {
    this.tls = tls;
    this.token = token;
  }
}

/**
 * Reads what a connection to `address` ("host:port") needs.
 * @throws LockstepError TLS_INVALID, USAGE where a token would be sent in the clear or its file cannot be read
 */
export async function readAccess(address: string, options: AccessOptions = {}): Promise<Access> {
  const { tls: paths = {} } = options;
  const token = await tokenOf(options);
  if (paths.ca === undefined) {
    const field = CLIENT_TLS_OPTIONS.ca;
    const fix = `Add ${field} FILE with the CA of the coordinator's certificate.`;
    if (paths.cert !== undefined || paths.key !== undefined) {
      const message = `A certificate is given, but no CA that tells whether the coordinator is the right one.`;
      throw new LockstepError('TLS_INVALID', { message, field, fix });
    }
    if (token && !isLoopback(hostOf(address))) {
      const message = `A token would go to ${address} in the clear.`;
      throw new LockstepError('USAGE', { message, field, fix });
    }
    return new Access(null, token);
  }
  return new Access(await TlsFiles.open(paths, CLIENT_TLS_OPTIONS), token);
}

/** Credentials of a channel: TLS with files that are followed, or none. */
export function clientCredentials(access?: Access): grpc.ChannelCredentials {
  const tls = access?.tls;
  if (!tls) return grpc.credentials.createInsecure();
  const identity = tls.contents.cert ? tls : null;
  return grpc.experimental.createCertificateProviderChannelCredentials(tls, identity, {});
}

/** Puts the token into the metadata of every call. */
export function tokenInterceptor(access: Access): grpc.Interceptor {
  return (options, nextCall) =>
    new grpc.InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        if (access.token) metadata.set('authorization', `Bearer ${access.token}`);
        next(metadata, listener);
      },
    });
}

async function tokenOf({ token, tokenFile }: AccessOptions): Promise<string> {
  const field = tokenFile === undefined ? 'LOCKSTEP_TOKEN' : '--token-file';
  const text = tokenFile === undefined ? (token ?? '') : await readTokenFile(tokenFile);
  const found = text.trim();
  // Never the token itself: it may be a right one with a stray character.
  if (/^[\x21-\x7e]{0,8192}$/.test(found)) return found;
  throw new LockstepError('USAGE', {
    message: 'The token holds a blank or a character that no token has, or is too long.',
    field,
    fix: 'Copy it again, as one line.',
  });
}

function readTokenFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: Error) => {
    const message = `The file of the token cannot be read: ${cause.message}`;
    throw new LockstepError('USAGE', { message, field: '--token-file', value: path, fix: 'Check the path.', cause });
  });
}
