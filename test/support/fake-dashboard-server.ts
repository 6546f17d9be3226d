/** Serves the built web page with answers that a test writes: what a coordinator's HTTP server would send. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { ROOT } from './lockstep.ts';

/** As the coordinator sends it. */
const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:"],
  ...["font-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"],
].join('; ');
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };
const PAGE = join(ROOT, 'packages/dashboard/bundle');
const PAGE_PATH = /^\/(workers|jobs\/[^/]+)?$/;
const RETRY_MS = 50;

/** Any message. */
export type Message = Readonly<Record<string, unknown>>;

/** A job of the fake, with the events it has had. */
interface FakeJob {
  job: Message;
  readonly events: Message[];
  activity: Message | null;
  isOver: boolean;
}

/** A server whose answers are set by a test. */
export class FakeDashboardServer {
  /** Token that lets in; null where nobody has to log in. */
  token: string | null = null;
  /** Whether whoever looks has logged in. */
  isLoggedIn = false;
  mayCancel = true;
  workers: readonly Message[] = [];
  /** So many requests for a job are answered with an error. */
  failing = 0;
  /** Bodies of what was posted, by path. */
  readonly posted: { readonly path: string; readonly body: Message }[] = [];
  readonly #jobs = new Map<string, FakeJob>();
  readonly #streams = new Set<{ readonly response: ServerResponse; readonly jobId: string | null }>();
  #server: Server | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Begins, or begins again at the same port. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Ends every connection. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#streams.clear();
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  }

  /** Sets a job and tells whoever follows it. */
  put(job: Message & { readonly id: string }): void {
    const known = this.#jobs.get(job.id);
    if (known) known.job = job;
    else this.#jobs.set(job.id, { job, events: [], activity: null, isOver: false });
    this.#tell(job.id, 'job', brief(job));
    for (const { response, jobId } of this.#streams) if (jobId === null) this.#sendLists(response);
  }

  /** Adds events, whose sequences are given. */
  event(jobId: string, ...events: readonly Message[]): void {
    this.#jobs.get(jobId)?.events.push(...events);
    for (const event of events) this.#tell(jobId, 'event', event);
  }

  activity(jobId: string, activity: Message): void {
    const job = this.#jobs.get(jobId);
    if (job) job.activity = activity;
    this.#tell(jobId, 'activity', activity);
  }

  /** Says that all was sent. */
  end(jobId: string): void {
    const job = this.#jobs.get(jobId);
    if (job) job.isOver = true;
    this.#tell(jobId, 'end', {});
  }

  /** Forgets a job. Who has the first page is told of another one only with the next job that is {@link put}. */
  drop(jobId: string): void {
    this.#jobs.delete(jobId);
  }

  #tell(of: string, kind: string, data: Message): void {
    for (const { response, jobId } of this.#streams) if (jobId === of) send(response, kind, data);
  }

  #sendLists(response: ServerResponse): void {
    send(response, 'jobs', this.#page('') ?? {});
    send(response, 'workers', { workers: this.workers });
  }

  /** Two jobs a page, newest first; jobs were put oldest first. @returns null where it begins with an unknown job */
  #page(token: string): Message | null {
    const all = [...this.#jobs.values()].map(({ job }) => job).reverse();
    const start = token ? all.findIndex(({ id }) => id === token) : 0;
    if (start < 0) return null;
    return { jobs: all.slice(start, start + PAGE_SIZE), nextPageToken: all[start + PAGE_SIZE]?.id ?? '' };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname.startsWith('/api/')) {
      this.#answerApi(pathname, searchParams, await bodyOf(request), request, response);
    } else sendFile(pathname, response);
  }

  #answerApi(
    pathname: string,
    searchParams: URLSearchParams,
    body: Message,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (request.method !== 'GET') this.posted.push({ path: pathname, body });
    const [, , kind = '', jobId = '', action = ''] = pathname.split('/');
    const job = this.#jobs.get(jobId);
    if (kind === 'session') this.#session(request.method ?? '', body, response);
    else if (this.token !== null && !this.isLoggedIn) refuse(response, 401, 'UNAUTHENTICATED', 'Who are you?');
    else if (kind === 'events') {
      this.#begin(response, null);
      this.#sendLists(response);
    } else if (jobId === '') {
      const page = this.#page(searchParams.get('pageToken') ?? '');
      if (page) sendJson(response, page);
      else refuse(response, 400, 'USAGE', 'page_token is unknown.');
    } else if (action === '' && this.failing > 0) {
      this.failing--;
      refuse(response, 503, 'UNAVAILABLE', 'Not now.');
    } else if (!job) refuse(response, 404, 'JOB_NOT_FOUND', `There is no job ${jobId}.`);
    else if (action === 'events') this.#follow(request, response, jobId, job, Number(searchParams.get('after') ?? 0));
    else {
      const cancelled = { id: jobId, state: 'JOB_STATE_CANCELLED', reason: `cancelled: ${body.reason}` };
      if (action === 'cancel') this.put({ ...job.job, ...cancelled });
      sendJson(response, job.job);
    }
  }

  #session(method: string, { token }: Message, response: ServerResponse): void {
    if (method === 'POST' && token !== this.token) {
      refuse(response, 401, 'UNAUTHENTICATED', 'This token is not known.');
      return;
    }
    if (method !== 'GET') this.isLoggedIn = method === 'POST';
    if (method === 'DELETE') {
      response.writeHead(204).end();
      return;
    }
    const isIn = this.token === null || this.isLoggedIn;
    const who = isIn ? { name: 'ada', role: 'admin', namespaces: ['*'] } : null;
    sendJson(response, { needsToken: this.token !== null, who, mayCancel: isIn && this.mayCancel, version: '0.1.0' });
  }

  #follow(request: IncomingMessage, response: ServerResponse, jobId: string, job: FakeJob, after: number): void {
    const last = Number(request.headers['last-event-id'] ?? after);
    this.#begin(response, jobId);
    send(response, 'job', brief(job.job));
    for (const event of job.events) if (Number(event.sequence) > last) send(response, 'event', event);
    if (job.activity) send(response, 'activity', job.activity);
    if (job.isOver) send(response, 'end', {});
  }

  #begin(response: ServerResponse, jobId: string | null): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const stream = { response, jobId };
    this.#streams.add(stream);
    response.once('close', () => this.#streams.delete(stream));
  }
}

const PAGE_SIZE = 2;

/** A job as a stream tells it: without the times of its processes. */
function brief(job: Message): Message {
  return job.result ? { ...job, result: { ...job.result, processTimes: [] } } : job;
}

function send(response: ServerResponse, kind: string, data: Message): void {
  const id = kind === 'event' ? `id: ${String(data.sequence)}\n` : '';
  response.write(`event: ${kind}\n${id}data: ${JSON.stringify(data)}\n\n`);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const body = JSON.stringify({ code, message, fix: 'Try another one.' });
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function sendFile(path: string, response: ServerResponse): void {
  const file = join(PAGE, PAGE_PATH.test(path) ? 'index.html' : path);
  if (!existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  const type = TYPES[extname(file)] ?? 'text/html; charset=utf-8';
  response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(readFileSync(file));
}

async function bodyOf(request: IncomingMessage): Promise<Message> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString('utf8');
  return text ? (JSON.parse(text) as Message) : {};
}
