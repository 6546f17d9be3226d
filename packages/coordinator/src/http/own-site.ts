/** Whether a request comes from a page of this server, or from no page at all. */
import type { IncomingHttpHeaders } from 'node:http';
import { hostOf, isLoopback } from '@lockstep/protocol';

/** Under which names a server is reached. */
export interface OwnSite {
  readonly scheme: 'http' | 'https';
  /** Whether it listens on loopback, so that no other name than that of this machine is right. */
  readonly isOwnMachine: boolean;
  /** Address that a proxy in front of it has for browsers; null without one. */
  readonly proxy: URL | null;
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

/** Whether a page of this server asks for a change: browsers name the origin of each request that is no GET. */
export function isChangeByUs({ host, origin }: IncomingHttpHeaders, site: OwnSite): boolean {
  return origin !== undefined && isOwnOrigin(origin, host, site);
}

function isOwnOrigin(origin: string, host: string | undefined, { scheme, proxy }: OwnSite): boolean {
  return (host !== undefined && origin === `${scheme}://${host}`) || origin === proxy?.origin;
}
