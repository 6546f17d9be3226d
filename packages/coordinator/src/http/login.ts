/** Log in, log out, and who somebody is. */
import { z } from 'zod';
import { mayCall, PERMISSIONS, type Principal } from '../core/principal.js';
import type { Gate } from '../doors/gate.js';
import { respondDone, respondJson } from './answers.js';
import { type Callers, fromOf } from './callers.js';
import type { OwnSite } from './own-site.js';
import { readBody } from './read-body.js';
import type { Exchange } from './routes.js';
import { type Sessions, sessionCookie, sessionIdOf } from './sessions.js';

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
  readonly #isSecure: boolean;
  readonly #version: string;

  constructor(parts: {
    readonly gate: Gate;
    readonly sessions: Sessions;
    readonly callers: Callers;
    readonly site: OwnSite;
    readonly version: string;
  }) {
    const { gate, sessions, callers, site, version } = parts;
    this.#gate = gate;
    this.#sessions = sessions;
    this.#callers = callers;
    this.#isSecure = site.scheme === 'https' || site.proxy?.protocol === 'https:';
    this.#version = version;
  }

  /** Answers who asks. */
  async get({ request, response }: Exchange): Promise<void> {
    const who = await this.#callers.ifKnown(request);
    respondJson(response, 200, this.#told(who && mayCall(who, PERMISSIONS[READ]) ? who : null));
  }

  /** Begins a session. @returns whose it is @throws LockstepError of the gate, BodyRefused */
  async post({ request, response }: Exchange): Promise<Principal> {
    const { token } = await readBody(request, LOGIN);
    const authorization = `Bearer ${token.trim()}`;
    const who = await this.#gate.identify({ authorization, certificate: undefined, from: fromOf(request) });
    this.#gate.permit(who, READ);
    this.#gate.strangers?.introduce(request.socket);
    this.#sessions.end(sessionIdOf(request.headers.cookie));
    const cookie = this.#gate.isOpen ? {} : sessionCookie(this.#sessions.open(authorization, who.id), this.#isSecure);
    respondJson(response, 200, this.#told(who), cookie);
    return who;
  }

  /** Ends it. @returns whose it was */
  async delete({ request, response }: Exchange): Promise<Principal | null> {
    const who = await this.#callers.ifKnown(request).catch(() => null);
    this.#sessions.end(sessionIdOf(request.headers.cookie));
    respondDone(response, sessionCookie('', this.#isSecure));
    return who;
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
