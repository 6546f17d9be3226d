/** Says why no trusted connection came about: gRPC itself tells no more than that it did not. */
import { connect } from 'node:tls';
import { hostOf } from '../loopback.js';
import type { TlsContents } from './tls-files.js';

/** How long one look may take. */
const PROBE_MS = 1_000;

/**
 * Dials once more and looks at TLS alone.
 * @param tls null where the connection was tried without TLS
 * @returns what is wrong, null where TLS is not what is wrong
 */
export function probeTls(address: string, tls: TlsContents | null): Promise<string | null> {
  const host = hostOf(address);
  const port = Number(/:(\d+)$/.exec(address)?.[1]);
  return new Promise((resolve) => {
    const own = tls ?? {};
    // Only looked at: nothing is sent over it, and it is closed at once.
    const socket = connect({ host, port, ...own, ALPNProtocols: ['h2'], rejectUnauthorized: false });
    const end = (why: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(why);
    };
    const timer = setTimeout(() => end(null), PROBE_MS);
    socket.once('error', (error) => end(isTls(error) ? `${error.message.replace(/^.*:(?=[^:]*$)/, '').trim()}` : null));
    socket.once('secureConnect', () => {
      if (!tls) end('it speaks TLS');
      else if (!socket.authorized) end(String(socket.authorizationError));
    });
    // The first frame of HTTP/2: the server has taken us.
    socket.once('data', () => end(null));
    socket.once('close', () => end(null));
  });
}

function isTls(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith('ERR_SSL') === true || error.code === 'EPROTO';
}
