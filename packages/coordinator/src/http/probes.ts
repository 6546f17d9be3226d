/** /metrics, /healthz and /readyz. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LockstepError } from '@lockstep/protocol/core';
import type { Registry } from 'prom-client';
import { METRICS_READERS, mayCall, type Principal } from '../core/principal.js';
import { denied, type Gate } from '../doors/gate.js';
import { httpStatusOf, respond } from './answers.js';
import { fromOf, shownBy } from './callers.js';

/** What they tell of. */
export interface ProbesOptions {
  readonly registry: Registry;
  readonly isReady: () => boolean;
  readonly gate: Gate;
}

/** Answers a request of theirs. @returns false where its path is another */
export function answerProbe(request: IncomingMessage, response: ServerResponse, options: ProbesOptions): boolean {
  const { registry, isReady, gate } = options;
  const path = (request.url ?? '/').split('?')[0];
  if (path !== '/healthz' && path !== '/readyz' && path !== '/metrics') return false;
  if (request.method !== 'GET' && request.method !== 'HEAD') respond(response, 405, 'only GET is served\n');
  else if (path === '/healthz') respond(response, 200, 'ok\n');
  else if (path === '/readyz') respond(response, isReady() ? 200 : 503, isReady() ? 'ready\n' : 'not ready\n');
  else sendMetrics(request, response, { registry, gate }).catch(() => respond(response, 500, ''));
  return true;
}

async function sendMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  { registry, gate }: Pick<ProbesOptions, 'registry' | 'gate'>,
): Promise<void> {
  if (!(await isLetIn(request, response, gate))) return;
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType }).end(text);
}

/** Whether the caller may read metrics; answers one that may not. */
async function isLetIn(request: IncomingMessage, response: ServerResponse, gate: Gate): Promise<boolean> {
  let who: Principal | null = null;
  try {
    who = await gate.identify(shownBy(request));
    gate.strangers?.introduce(request.socket);
    if (!mayCall(who, METRICS_READERS)) throw denied(who, '/metrics', METRICS_READERS);
    return true;
  } catch (thrown) {
    const error = LockstepError.from(thrown);
    const status = httpStatusOf(error);
    if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="lockstep"');
    const outcome = status === 503 ? 'failed' : 'denied';
    gate.audit({ who, what: '/metrics', on: '', from: fromOf(request), outcome, status });
    respond(response, status, `${error.message} ${error.fix}\n`);
    return false;
  }
}
