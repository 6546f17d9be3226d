/** The dashboard: its page, its sessions, and what the page asks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LockstepError } from '@lockstep/protocol/core';
import type { Principal } from '../core/principal.js';
import type { AuditEntry } from '../doors/audit-log.js';
import type { Gate } from '../doors/gate.js';
import { outcomeOf, PAGE_GUARDS, respond, respondError } from './answers.js';
import { Callers, fromOf } from './callers.js';
import { EventStreams } from './event-streams.js';
import type { Known } from './known.js';
import { Login, SESSION_PATH } from './login.js';
import { isAskedByUs, isChangeByUs, type OwnSite } from './own-site.js';
import { isOfPage, Pages } from './pages.js';
import { BodyRefused } from './read-body.js';
import { apiRoutes, type Exchange, type Route } from './routes.js';
import { SessionCookie } from './session-cookie.js';
import { Sessions } from './sessions.js';

/** What the dashboard shows, and to whom. */
export interface DashboardOptions extends Known {
  readonly gate: Gate;
  /** Of the coordinator. */
  readonly version: string;
  /** Folders that may have the built page. @default those where builds leave it */
  readonly folders?: readonly string[];
}

/** What is done for a method under a path. */
interface Handler {
  readonly method: string;
  readonly path: RegExp;
  /** Method of gRPC, or path, as the audit log has it; null where that is told nobody. */
  readonly what: string | null;
  /** Answers. @param met told who has asked, once that is known, and null where nobody did something all the same */
  readonly run: (exchange: Exchange, met: (who: Principal | null) => void) => Promise<void>;
}

/** Answers requests for the page, and what it asks. */
export class Dashboard {
  readonly #gate: Gate;
  readonly #folders: readonly string[] | undefined;
  readonly #site: OwnSite;
  readonly #callers: Callers;
  readonly #handlers: readonly Handler[];
  #pages: Promise<Pages | null> | null = null;

  constructor(options: DashboardOptions, site: OwnSite) {
    const { gate, version, folders } = options;
    const sessions = new Sessions();
    const cookie = new SessionCookie(site);
    this.#gate = gate;
    this.#folders = folders;
    this.#site = site;
    this.#callers = new Callers(gate, sessions, cookie);
    const login = new Login({ gate, sessions, callers: this.#callers, cookie, version });
    this.#handlers = [
      ...apiRoutes(options, new EventStreams()).map((route) => this.#handlerOf(route)),
      ...handlersOf(login),
    ];
  }

  /** Answers a request of its own. @returns false where its path is another */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    // Taken as it stands: what a path would mean to a file system means nothing here.
    const [path = '', ...query] = (request.url ?? '').split('?');
    const exchange = { request, response, query: new URLSearchParams(query.join('?')), jobId: '' };
    if (path.startsWith('/api/')) this.#ask(path, exchange).catch(() => response.destroy());
    else if (isOfPage(path)) this.#sendPage(path, exchange).catch(() => response.destroy());
    else return false;
    return true;
  }

  async #sendPage(path: string, { request: { method }, response }: Exchange): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') return respond(response, 405, 'only GET is served\n');
    const pages = await this.#read();
    if (pages === 'unreadable') return respond(response, 503, 'the dashboard cannot be read now: try again\n');
    if (!pages) return respond(response, 404, 'the dashboard was not built\n');
    const file = pages.find(path);
    if (!file) return respond(response, 404, 'not found\n');
    const about = { 'content-type': file.type, 'content-length': file.bytes.length, 'cache-control': file.cache };
    response.writeHead(200, { ...PAGE_GUARDS, ...about }).end(file.bytes);
  }

  /** The page, read once; what could not be read is tried again at the next request. */
  async #read(): Promise<Pages | null | 'unreadable'> {
    this.#pages ??= Pages.read(this.#folders);
    return this.#pages.catch(() => {
      this.#pages = null;
      return 'unreadable';
    });
  }

  async #ask(path: string, exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const here = this.#handlers.filter((handler) => handler.path.test(path));
    if (here.length === 0) return respondError(response, refusal('Nothing is served here.'), 404);
    const handler = here.find(({ method }) => method === request.method);
    if (!handler) {
      response.setHeader('allow', here.map(({ method }) => method).join(', '));
      return respondError(response, refusal('This method is not served here.'), 405);
    }
    const jobId = handler.path.exec(path)?.[1] ?? '';
    const met: { who?: Principal | null } = {};
    try {
      this.#refuseOtherSites(request);
      await handler.run({ ...exchange, jobId }, (who) => {
        met.who = who;
      });
    } catch (thrown) {
      // Nobody waits for what of the body was not read.
      if (!request.complete) response.setHeader('connection', 'close');
      if (thrown instanceof BodyRefused) respondError(response, thrown.error, thrown.status);
      else respondError(response, LockstepError.from(thrown));
    }
    // What was let do nothing is no line: whoever has no token could fill a disk with them.
    const isTold = met.who !== undefined || response.statusCode >= 400;
    if (handler.what !== null && isTold) this.#tell({ who: null, ...met, what: handler.what, on: jobId }, exchange);
  }

  /** @throws LockstepError PERMISSION_DENIED */
  #refuseOtherSites({ headers, method }: IncomingMessage): void {
    if (isAskedByUs(headers) && (method === 'GET' || method === 'HEAD' || isChangeByUs(headers, this.#site))) return;
    throw new LockstepError('PERMISSION_DENIED', {
      message: 'A page of another site, or no page, has asked.',
      fix: 'Use the dashboard under one of its own addresses; behind a proxy the coordinator is told it with --dashboard-url. A script sends Authorization: Bearer TOKEN, and no cookie.',
    });
  }

  #tell(done: Pick<AuditEntry, 'who' | 'what' | 'on'>, { request, response }: Exchange): void {
    const { statusCode: status } = response;
    this.#gate.audit({ ...done, from: fromOf(request), outcome: outcomeOf(status), status });
  }

  #handlerOf({ method, path, standsFor, answer }: Route): Handler {
    const run: Handler['run'] = async (exchange, met) => {
      const again = async (): Promise<Principal> => {
        const who = await this.#callers.of(exchange.request);
        met(who);
        for (const method of standsFor) this.#gate.permit(who, method);
        return who;
      };
      await answer({ ...exchange, who: await again(), again });
    };
    return { method, path, what: standsFor[0], run };
  }
}

function handlersOf(login: Login): readonly Handler[] {
  const path = new RegExp(`^${SESSION_PATH}$`);
  return [
    { method: 'GET', path, what: null, run: (exchange) => login.get(exchange) },
    { method: 'POST', path, what: SESSION_PATH, run: async (exchange, met) => met(await login.post(exchange)) },
    { method: 'DELETE', path, what: SESSION_PATH, run: (exchange, met) => login.delete(exchange, met) },
  ];
}

function refusal(message: string): LockstepError {
  return new LockstepError('USAGE', { message, fix: 'See docs/guide/dashboard.md.' });
}
