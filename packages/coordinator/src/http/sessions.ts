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

const ID_BYTES = 32;

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
