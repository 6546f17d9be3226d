/** The HTTP server over jobs in memory, with the real gate, and a browser that says what a test wants. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseJobSpec } from '@lockstep/spec';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { onTestFinished, vi } from 'vitest';
import { systemClock } from '../adapters/system-clock.js';
import type { SecurityConfig } from '../config.js';
import type { Role } from '../core/principal.js';
import { Gate } from '../doors/gate.js';
import { drawToken, type KeptToken, TokenFile, writeTokens } from '../doors/token-file.js';
import type { Known } from '../http/known.js';
import { startHttpServer } from '../http/server.js';
import { Job } from '../job.js';
import { JobIndex } from '../job-index.js';
import { JobCalls } from '../services/job-calls.js';
import { SPEC } from './running-coordinator.js';

/** A token of a test. */
export interface ShownToken {
  readonly role: Role;
  /** @default 'default' */
  readonly namespace?: string;
}

/** What a test may say of its server. */
export interface ShownOptions {
  /** Tokens by their names. @default nobody is asked */
  readonly tokens?: Readonly<Record<string, ShownToken>>;
  readonly security?: SecurityConfig;
  readonly proxy?: URL;
  readonly known?: Partial<Known>;
  /** What it listens on. @default '127.0.0.1' */
  readonly host?: string;
  /** @default false */
  readonly isOff?: boolean;
}

/** A server that shows jobs. */
export interface Shown {
  readonly address: string;
  readonly dashboardUrl: string | null;
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** Texts of the tokens by their names. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Adds a job. */
  add(id: string, namespace?: string): Job;
  /** Takes a token away, and has that seen. */
  revoke(name: string): Promise<void>;
  /** Lines of the audit log. */
  audit(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/** Starts it; it is gone when the test is over. */
export async function showJobs(options: ShownOptions = {}): Promise<Shown> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-dashboard-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'page', 'assets'), { recursive: true });
  await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>Lockstep</title>');
  await writeFile(join(folder, 'page', 'assets', 'app-0.js'), 'export {};');
  await writeFile(join(folder, 'page', 'secret.txt'), 'secret');
  const drawn = new Map<string, { readonly text: string; readonly kept: KeptToken }>();
  const now = Date.now() / 1000;
  for (const [name, { role, namespace = 'default' }] of Object.entries(options.tokens ?? {})) {
    const times = { createdUnixSeconds: now, expiresUnixSeconds: now + 3600 };
    drawn.set(name, drawToken({ name, role, namespaces: [namespace], ...times }));
  }
  const tokensPath = join(folder, 'tokens.json');
  const auditPath = join(folder, 'audit.jsonl');
  const write = (): Promise<void> => writeFile(tokensPath, writeTokens([...drawn.values()].map(({ kept }) => kept)));
  await write();
  const config = {
    host: '127.0.0.1',
    port: 0,
    metricsPort: 0,
    natsServers: [],
    storeDirectory: folder,
    logLevel: 'silent',
  };
  const locks = options.tokens ? { tokensPath, auditPath } : {};
  const opened = vi.spyOn(TokenFile, 'open');
  const gate = await Gate.open({ ...config, security: { ...locks, ...options.security } }, pino({ level: 'silent' }));
  const tokenFile = await opened.mock.results[0]?.value;
  opened.mockRestore();
  const index = new JobIndex();
  const jobs = new JobCalls({
    list: () => index.list(),
    get: (id, isSeen) => index.get(id, isSeen),
    cancel: async (id, reason) => {
      const job = index.get(id);
      job.advance({ type: 'cancelled', why: reason });
      return job;
    },
  });
  const server = await startHttpServer(options.host ?? '127.0.0.1', 0, {
    ...{ registry: new Registry(), isReady: () => true, gate, proxy: options.proxy ?? null },
    dashboard: options.isOff
      ? null
      : {
          ...{ version: '0.1.0', jobs, activityOf: () => null, workers: () => [] },
          ...options.known,
          folders: [join(folder, 'page')],
        },
  });
  const close = async (): Promise<void> => {
    await server.close();
    gate.close();
  };
  onTestFinished(close);
  return {
    ...{ address: server.address, dashboardUrl: server.dashboardUrl, pageFolder: join(folder, 'page'), close },
    tokens: Object.fromEntries([...drawn].map(([name, { text }]) => [name, text])),
    add: (id, namespace = 'default') => {
      const { spec } = parseJobSpec(SPEC);
      if (!spec) throw new Error('the spec of tests has a problem');
      const now = systemClock.unixSeconds();
      const about = { requestId: '', fingerprint: '', dataName: 'data.csv', dataFiles: [] };
      const times = { createdUnixSeconds: now, order: now };
      const job = new Job({ id, spec, resolvedYaml: SPEC, namespace, ...about, ...times }, systemClock, 1);
      index.add(job);
      return job;
    },
    revoke: async (name) => {
      drawn.delete(name);
      await write();
      await tokenFile?.refresh();
    },
    audit: async () =>
      (await readFile(auditPath, 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

/** What a browser asks for. */
export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as JSON, from a page of the server itself, unless headers say something else. */
  readonly body?: unknown;
  /** CA of a server with TLS. */
  readonly ca?: string;
  /** Its own certificate, and the key of it. */
  readonly cert?: string;
  readonly key?: string;
}

/** What it gets. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text, as JSON. */
  readonly json: () => Record<string, unknown>;
  /** What a browser sends with its next request. */
  readonly cookie: string;
}

/** Asks once. */
export function ask(address: string, path: string, asked: Asked = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    dial(address, path, asked)
      .once('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('error', reject).once('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          const { headers, statusCode: status = 0 } = response;
          const cookie = (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
          resolve({ status, headers, text, cookie, json: () => JSON.parse(text) as Record<string, unknown> });
        });
      })
      .once('error', reject);
  });
}

/** An event as a browser takes it. */
export interface Told {
  readonly event: string;
  readonly id: string | null;
  readonly data: Record<string, unknown>;
}

/** A stream of events. */
export interface Following {
  readonly status: number;
  readonly told: readonly Told[];
  /** How many signs of life came. */
  readonly alive: () => number;
  /** Settles when the server has ended it. */
  readonly ended: Promise<void>;
  /** Stops reading; the connection stays. */
  pause(): void;
  close(): void;
}

/** Follows a stream; it is over with the test. */
export function follow(address: string, path: string, asked: Asked = {}): Promise<Following> {
  return new Promise((resolve, reject) => {
    const call = dial(address, path, asked);
    onTestFinished(() => void call.destroy());
    call.on('error', reject).once('response', (response) => {
      const told: Told[] = [];
      let alive = 0;
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const messages = `${rest}${text}`.split('\n\n');
        rest = messages.pop() ?? '';
        const heard = messages.flatMap(toldIn);
        told.push(...heard.filter(({ event }) => event !== 'alive'));
        alive += heard.filter(({ event }) => event === 'alive').length;
      });
      const ended = new Promise<void>((settle) => response.on('error', () => {}).once('close', () => settle()));
      resolve({
        ...{ status: response.statusCode ?? 0, told, ended, alive: () => alive },
        pause: () => void response.pause(),
        close: () => void call.destroy(),
      });
    });
  });
}

function toldIn(message: string): Told[] {
  const field = (name: string): string | null => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? null;
  const event = field('event');
  return event === null ? [] : [{ event, id: field('id'), data: JSON.parse(field('data') ?? '{}') as Told['data'] }];
}

function dial(address: string, path: string, { method, headers = {}, body, ...tls }: Asked): ClientRequest {
  const [host, port] = address.split(':');
  const origin = `${tls.ca === undefined ? 'http' : 'https'}://${address}`;
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const own =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), origin };
  const said = Object.fromEntries(Object.entries({ ...own, ...headers }).filter(([, value]) => value !== undefined));
  const options = { host, port, path, method: method ?? (own.origin ? 'POST' : 'GET'), headers: said, agent: false };
  const call = tls.ca === undefined ? request(options) : tlsRequest({ ...options, ...tls });
  return call.end(text);
}
