/** Browsers that have logged in. A session is as good as the token behind it, which is asked of the gate each time. */
import { createHash, randomBytes } from 'node:crypto';
import { MAX_SESSIONS, MAX_SESSIONS_OF_CALLER, SESSION_MS } from '../limits.js';

interface Session {
  /** Header of the token that it was opened with. */
  readonly authorization: string;
  /** Id of its principal. */
  readonly caller: string;
  readonly endsMs: number;
}

const COOKIE = 'lockstep_session';
const ID_BYTES = 32;
/** As an id is spelled; of several cookies of that name none counts. */
const SPELLED = new RegExp(`^${COOKIE}=([A-Za-z0-9_-]{43})$`);

/** Sessions of a coordinator; gone when it ends. */
export class Sessions {
  /** By the SHA-256 of their ids, the oldest first: how long a look takes tells nothing of an id. */
  readonly #sessions = new Map<string, Session>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** Begins one, under an id that nobody can have known before. @returns its id */
  open(authorization: string, caller: string): string {
    const own = [...this.#sessions].filter(([, session]) => session.caller === caller);
    if (own.length >= MAX_SESSIONS_OF_CALLER) this.#sessions.delete(own[0]?.[0] ?? '');
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomBytes(ID_BYTES).toString('base64url');
    this.#sessions.set(keyOf(id), { authorization, caller, endsMs: this.#nowMs() + SESSION_MS });
    return id;
  }

  /** What the browser of a session shows. @returns undefined where there is none, or it has ended */
  find(id: string): string | undefined {
    const session = this.#sessions.get(keyOf(id));
    if (session && session.endsMs > this.#nowMs()) return session.authorization;
    this.end(id);
    return undefined;
  }

  end(id: string): void {
    this.#sessions.delete(keyOf(id));
  }
}

function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

/** The id in the cookies of a request; '' without one. */
export function sessionIdOf(cookies: string | undefined): string {
  const named = (cookies ?? '').split(/; ?/).filter((cookie) => cookie.startsWith(`${COOKIE}=`));
  return (named.length === 1 && SPELLED.exec(named[0] ?? '')?.[1]) || '';
}

/** The header that gives a browser its session, or with '' takes it away. */
export function sessionCookie(id: string, isSecure: boolean): { readonly 'set-cookie': string } {
  const seconds = id ? SESSION_MS / 1000 : 0;
  const secure = isSecure ? '; Secure' : '';
  return { 'set-cookie': `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}` };
}
