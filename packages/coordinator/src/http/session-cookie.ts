/** The cookie of a session. */
import type { IncomingHttpHeaders } from 'node:http';
import { SESSION_MS } from '../limits.js';
import { isSecure, type OwnSite } from './own-site.js';

const NAME = 'lockstep_session';
const ID = /^[A-Za-z0-9_-]{43}$/;
const PORT = /:(\d{1,5})$/;

/** Reads it from requests, and writes it. */
export class SessionCookie {
  readonly #site: OwnSite;

  constructor(site: OwnSite) {
    this.#site = site;
  }

  /** The id of a session; '' without one: of several cookies of that name none counts. */
  idIn(headers: IncomingHttpHeaders): string {
    const start = `${this.#nameFor(headers)}=`;
    const [value = '', ...others] = (headers.cookie ?? '').split(/; ?/).filter((cookie) => cookie.startsWith(start));
    const id = value.slice(start.length);
    return others.length === 0 && ID.test(id) ? id : '';
  }

  /** The header that gives a browser its session, or with '' takes it away. */
  headerOf(id: string, headers: IncomingHttpHeaders): { readonly 'set-cookie': string } {
    const seconds = id ? SESSION_MS / 1000 : 0;
    const secure = isSecure(this.#site) ? '; Secure' : '';
    const name = this.#nameFor(headers);
    return { 'set-cookie': `${name}=${id}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}` };
  }

  /**
   * Cookies ignore ports: with that which the browser asks in its name, those of two coordinators stand side by side. A
   * browser takes one of `__Host-` over TLS alone and from no neighbour of the domain:
   * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
   */
  #nameFor({ host = '' }: IncomingHttpHeaders): string {
    const { proxy } = this.#site;
    const port = (proxy ? proxy.port : PORT.exec(host)?.[1]) || (isSecure(this.#site) ? '443' : '80');
    return `${isSecure(this.#site) ? '__Host-' : ''}${NAME}_${port}`;
  }
}
