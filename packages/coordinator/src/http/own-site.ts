/** Whether a request comes from a page of this server, or from no page at all. */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { hostOf, isLoopback } from '@lockstep/protocol';

/** Under which names a server is reached. */
export interface OwnSite {
  readonly scheme: 'http' | 'https';
  /** What it was told to listen on. */
  readonly host: string;
  /** Whether it listens on loopback, so that no other name than that of this machine is right. */
  readonly isOwnMachine: boolean;
  /** Whether nobody is asked who it is. */
  readonly isOpen: boolean;
  /** Address that a proxy in front of it has for browsers; null without one. */
  readonly proxy: URL | null;
}

/** Whether browsers speak TLS with it, or with the proxy in front of it. */
export function isSecure({ scheme, proxy }: OwnSite): boolean {
  return scheme === 'https' || proxy?.protocol === 'https:';
}

/**
 * Whether a browser may ask past the TLS of the proxy, at a port that was forwarded to its own machine. A proxy that sets
 * Host may say loopback as well; in a change the browser itself says where its page is from.
 */
export function isPastProxy({ host = '', origin }: IncomingHttpHeaders, { scheme, proxy }: OwnSite): boolean {
  if (scheme === 'https' || proxy?.protocol !== 'https:') return false;
  return origin !== proxy.origin && host !== proxy.host && isLoopback(hostOf(host));
}

/**
 * Whether jobs may be shown under the name in Host. Where nobody is asked who it is, a page of another site that has turned
 * its name to this address would see and cancel them; addresses are no names that anybody can turn.
 */
export function isSafeName({ host }: IncomingHttpHeaders, site: OwnSite): boolean {
  if (!site.isOpen) return true;
  if (host === undefined) return false;
  const name = hostOf(host);
  return (
    isLoopback(name) ||
    isIP(name) !== 0 ||
    name === hostname().toLowerCase() ||
    name === site.host ||
    host === site.proxy?.host
  );
}

/**
 * Whether a request is meant for this server. A page of another site may send a browser here: it names its Origin, or has
 * turned its own name to this address, which then stands in Host.
 */
export function isForUs({ host, origin }: IncomingHttpHeaders, site: OwnSite): boolean {
  if (origin !== undefined && !isOwnOrigin(origin, host, site)) return false;
  if (!site.isOwnMachine) return true;
  return host !== undefined && (isLoopback(hostOf(host)) || host === site.proxy?.host);
}

/** Whether a browser says that no page of another site has asked, of those that say so; one on another port is another. */
export function isAskedByUs(headers: IncomingHttpHeaders): boolean {
  const from = headers['sec-fetch-site'];
  return from === undefined || from === 'same-origin' || from === 'none';
}

/**
 * Whether a page of this server asks for a change, or a script with a token. Browsers name the origin of each request that
 * is no GET, and send no header `authorization` of a page to a site that has not let it do so: this one lets nobody.
 */
export function isChangeByUs({ host, origin, cookie, authorization }: IncomingHttpHeaders, site: OwnSite): boolean {
  if (origin !== undefined) return isOwnOrigin(origin, host, site);
  return cookie === undefined && /^Bearer \S+$/i.test(authorization ?? '');
}

function isOwnOrigin(origin: string, host: string | undefined, { scheme, proxy }: OwnSite): boolean {
  return (host !== undefined && origin === `${scheme}://${host}`) || origin === proxy?.origin;
}
