/** Log in, log out, and who somebody is. */
import type { IncomingMessage } from 'node:http';
import { LockstepError } from '@lockstep/protocol/core';
import { z } from 'zod';
import { mayCall, PERMISSIONS, type Principal } from '../core/principal.js';
import type { Gate } from '../doors/gate.js';
import { httpStatusOf, outcomeOf, respondDone, respondJson } from './answers.js';
import { type Callers, fromOf } from './callers.js';
import { readBody } from './read-body.js';
import type { Exchange } from './routes.js';
import type { SessionCookie } from './session-cookie.js';
import type { Sessions } from './sessions.js';

/** Where it is. */
export const SESSION_PATH = '/api/session';
/** What whoever logs in has to be permitted at least. */
const READ = '/lockstep.v1.JobService/ListJobs';
const CANCEL = '/lockstep.v1.JobService/CancelJob';

const LOGIN = z.strictObject({ token: z.string().min(1) });

/** The session of a browser. */
export class Login {
  readonly #gate: Gate;
  readonly #sessions: Sessions;
  readonly #callers: Callers;
  readonly #cookie: SessionCookie;
  readonly #version: string;

  constructor(parts: {
    readonly gate: Gate;
    readonly sessions: Sessions;
    readonly callers: Callers;
    readonly cookie: SessionCookie;
    readonly version: string;
  }) {
    const { gate, sessions, callers, cookie, version } = parts;
    this.#gate = gate;
    this.#sessions = sessions;
    this.#callers = callers;
    this.#cookie = cookie;
    this.#version = version;
  }

  /** Answers who asks. @throws LockstepError RATE_LIMITED, IDENTITY_UNAVAILABLE */
  async get({ request, response }: Exchange): Promise<void> {
    respondJson(response, 200, this.#told(await this.#readerOf(request)));
  }

  /** Begins a session. @returns whose it is @throws LockstepError of the gate, BodyRefused */
  async post({ request, response }: Exchange): Promise<Principal> {
    const { token } = await readBody(request, LOGIN);
    const authorization = `Bearer ${token.trim()}`;
    const who = await this.#gate.identify({ authorization, certificate: undefined, from: fromOf(request) });
    this.#gate.permit(who, READ);
    this.#gate.strangers?.introduce(request.socket);
    const { headers } = request;
    this.#sessions.end(this.#cookie.idIn(headers));
    const begun = (): string => this.#sessions.open(authorization, who.id);
    respondJson(response, 200, this.#told(who), this.#gate.isOpen ? {} : this.#cookie.headerOf(begun(), headers));
    return who;
  }

  /**
   * Ends it.
   * @param met told whose it was; not told where there was none, and nobody is known
   * @throws LockstepError of a token that is shown, RATE_LIMITED
   */
  async delete({ request, response }: Exchange, met: (who: Principal | null) => void): Promise<void> {
    const { headers } = request;
    const id = this.#cookie.idIn(headers);
    const hasSession = this.#sessions.find(id) !== undefined;
    const who = await this.#callers.of(request).catch((thrown: unknown) => {
      if (headers.authorization !== undefined) throw thrown;
      return null;
    });
    this.#sessions.end(id);
    if (who || hasSession) met(who);
    // Sessions are bounded where they begin.
    if (who && !hasSession) this.#gate.permit(who, READ);
    respondDone(response, this.#cookie.headerOf('', headers));
  }

  /** Who asks; null where that is nobody who may read. @throws LockstepError RATE_LIMITED, IDENTITY_UNAVAILABLE */
  async #readerOf(request: IncomingMessage): Promise<Principal | null> {
    let who: Principal | null = null;
    try {
      who = await this.#callers.of(request);
      this.#gate.permit(who, READ);
      this.#tellOfToken(request, who, 200);
      return who;
    } catch (thrown) {
      const error = LockstepError.from(thrown);
      this.#tellOfToken(request, who, httpStatusOf(error));
      if (error.code === 'UNAUTHENTICATED' || error.code === 'PERMISSION_DENIED') return null;
      throw error;
    }
  }

  /** Whoever asks without a token does no more than open the page; whoever tries one is told of as anywhere. */
  #tellOfToken(request: IncomingMessage, who: Principal | null, status: number): void {
    if (request.headers.authorization === undefined) return;
    const outcome = outcomeOf(status);
    this.#gate.audit({ who, what: SESSION_PATH, on: '', from: fromOf(request), outcome, status });
  }

  #told(who: Principal | null): object {
    return {
      needsToken: !this.#gate.isOpen,
      who: who && { name: who.name, role: who.role, namespaces: who.namespaces },
      mayCancel: who !== null && mayCall(who, PERMISSIONS[CANCEL]),
      version: this.#version,
    };
  }
}
