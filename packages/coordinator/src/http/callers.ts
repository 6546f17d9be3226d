/** Who makes an HTTP request: by a token, by the session of a browser that has logged in, or by a certificate. */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { LockstepError } from '@lockstep/protocol/core';
import type { Principal } from '../core/principal.js';
import type { Gate, Shown } from '../doors/gate.js';
import type { SessionCookie } from './session-cookie.js';
import type { Sessions } from './sessions.js';

/** Address and port that a request comes from. */
export function fromOf({ socket }: IncomingMessage): string {
  return `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
}

/** What a request shows by itself, without its cookies. */
export function shownBy(request: IncomingMessage): Shown {
  const { headers, socket } = request;
  const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().raw : undefined;
  return { authorization: headers.authorization, certificate, from: fromOf(request) };
}

/** Says who callers are. */
export class Callers {
  readonly #gate: Gate;
  readonly #sessions: Sessions;
  readonly #cookie: SessionCookie;

  constructor(gate: Gate, sessions: Sessions, cookie: SessionCookie) {
    this.#gate = gate;
    this.#sessions = sessions;
    this.#cookie = cookie;
  }

  /** Who makes a request. @throws LockstepError UNAUTHENTICATED, RATE_LIMITED, IDENTITY_UNAVAILABLE */
  async of(request: IncomingMessage): Promise<Principal> {
    const shown = shownBy(request);
    const id = this.#cookie.idIn(request.headers);
    const behind = shown.authorization === undefined && id !== '' ? this.#sessions.find(id) : undefined;
    if (behind === undefined) return this.#met(request, await this.#gate.identify(shown));
    try {
      return this.#met(request, await this.#gate.identify({ ...shown, authorization: behind }));
    } catch (thrown) {
      // Its token was taken back, or has expired.
      if (LockstepError.from(thrown).code === 'UNAUTHENTICATED') this.#sessions.end(id);
      throw thrown;
    }
  }

  #met({ socket }: IncomingMessage, who: Principal): Principal {
    this.#gate.strangers?.introduce(socket);
    return who;
  }
}
