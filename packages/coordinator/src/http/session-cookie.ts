/** The cookie of a session. */
import type { IncomingHttpHeaders } from 'node:http';
import { SESSION_MS } from '../limits.js';
import { isPastProxy, isSecure, type OwnSite } from './own-site.js';

const NAME = 'lockstep_session';
/**
 * A browser takes a cookie with it over TLS alone, and from no neighbour of the domain:
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
const PREFIX = '__Host-';
const ID = /^[A-Za-z0-9_-]{43}$/;
const PORT = /:(\d{1,5})$/;

/** Reads it from requests, and writes it. */
export class SessionCookie {
  readonly #site: OwnSite;

  constructor(site: OwnSite) {
    this.#site = site;
  }

  /** The id of a session; '' without one: of several cookies of one name none counts, and none beside a safer one. */
  idIn(headers: IncomingHttpHeaders): string {
    const cookies = (headers.cookie ?? '').split(/; ?/);
    const values = this.#namesFor(headers).map((name) =>
      cookies.flatMap((cookie) => (cookie.startsWith(`${name}=`) ? [cookie.slice(name.length + 1)] : [])),
    );
    const [id = '', ...others] = values.find(({ length }) => length > 0) ?? [];
    return others.length === 0 && ID.test(id) ? id : '';
  }

  /** The header that gives a browser its session, or with '' takes it away. */
  headerOf(id: string, headers: IncomingHttpHeaders): { readonly 'set-cookie': string } {
    const seconds = id ? SESSION_MS / 1000 : 0;
    const name = this.#namesFor(headers).at(-1) ?? '';
    const secure = name.startsWith(PREFIX) ? '; Secure' : '';
    return { 'set-cookie': `${name}=${id}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}` };
  }

  /**
   * Its names, the safest first, the last that which a browser is given. Cookies ignore ports: with that which the browser
   * asks in its name, those of two coordinators stand side by side.
   */
  #namesFor(headers: IncomingHttpHeaders): readonly string[] {
    const { proxy } = this.#site;
    const port = PORT.exec(headers.host ?? '')?.[1];
    const isTls = isSecure(this.#site);
    const name = `${isTls ? PREFIX : ''}${NAME}_${(proxy ? proxy.port : port) || (isTls ? '443' : '80')}`;
    return isPastProxy(headers, this.#site) ? [name, `${NAME}_${port ?? '80'}`] : [name];
  }
}
